export { asked_days } from './asked_days.ts';
export { currency_list } from './currency_list.ts';
export { failed_refresh } from './failed_refresh.ts';
export { last_day } from './last_day.ts';
