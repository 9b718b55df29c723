export { historyContract } from './history.ts';
export { ledgerContract } from './ledger.ts';
export type { LedgerPlace, Place } from './place.ts';
