import { ledgerContract } from '../contracts/index.ts';
import { MemoryLedger } from './index.ts';

ledgerContract('a ledger in memory', () => {
  const ledger = new MemoryLedger();
  return () => Promise.resolve(ledger);
});
