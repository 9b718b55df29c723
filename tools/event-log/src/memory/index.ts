export { MemoryLedger } from './ledger.ts';
