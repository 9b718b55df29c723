export { daily_refresh } from './daily_refresh.ts';
