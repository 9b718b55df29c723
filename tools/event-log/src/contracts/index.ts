export { historyContract } from './history.ts';
export type { Place } from './place.ts';
