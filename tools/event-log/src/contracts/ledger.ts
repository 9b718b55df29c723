import { describe } from 'vitest';
import { decisionsContract } from './decisions.ts';
import { leaseContract } from './lease.ts';
import type { LedgerPlace } from './place.ts';
import { requestsContract } from './requests.ts';

/** All that an `AutomationLedger` promises. A `History` promises it of its own: `historyContract` calls this. */
export function ledgerContract(name: string, begin: LedgerPlace): void {
  describe(name, () => {
    leaseContract(begin);
    decisionsContract(begin);
    requestsContract(begin);
  });
}
