import type { HeldLease } from './automation.ts';
import { isGone } from './process.ts';

/** Whether a lease keeps others from taking it: it has not expired, and its process is not known to be gone. */
export function isHeld(lease: HeldLease | null, now: number, ttl: number): boolean {
  // A clock that was set back must not let a lease run for ever.
  const runs = lease !== null && lease.expiresAt > now && lease.expiresAt - now <= 10 * ttl;
  return runs && !isGone(lease);
}
