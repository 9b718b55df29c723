import { describe, expect, test } from 'vitest';
import type { Lease } from '../automation.ts';
import type { AutomationLedger } from '../ports/automation-ledger.ts';
import type { LedgerPlace } from './place.ts';
import { elsewhere, me } from './sample-decisions.ts';

const TTL = 1_000;
const DAY = 86_400_000;

/** The lease, for what only its owner can do. */
const led = async (ledger: AutomationLedger, now = 0) =>
  (await ledger.acquireLease('one', me, now, TTL)) as Lease;

/** One process leads at a time. */
export function leaseContract(place: LedgerPlace): void {
  const open = () => place()();

  describe('the lead', () => {
    test('is taken where nobody has it, and kept by asking again', async () => {
      const ledger = await open();
      expect(await ledger.currentLease()).toBeNull();
      expect(await ledger.acquireLease('one', me, 5_000, TTL)).toEqual({ epoch: 1, owner: 'one' });
      expect(await ledger.acquireLease('one', me, 5_900, TTL)).toEqual({ epoch: 1, owner: 'one' });
      expect(await ledger.currentLease()).toEqual({
        ...me,
        epoch: 1,
        owner: 'one',
        since: 5_000,
        expiresAt: 6_900,
      });
    });

    test('is refused to others until its time is over', async () => {
      const ledger = await open();
      await ledger.acquireLease('one', me, 0, TTL);
      expect(await ledger.acquireLease('other', me, TTL - 1, TTL)).toBeNull();
      expect((await ledger.currentLease())?.owner).toBe('one');
      expect(await ledger.acquireLease('other', me, TTL, TTL)).toEqual({ epoch: 2, owner: 'other' });
      expect(await ledger.acquireLease('one', me, TTL, TTL)).toBeNull();
    });

    test('whose time is over is kept by asking again, where nobody else has asked', async () => {
      const ledger = await open();
      await ledger.acquireLease('one', me, 0, TTL);
      expect(await ledger.acquireLease('one', me, 50 * TTL, TTL)).toEqual({ epoch: 1, owner: 'one' });
    });

    test('that is given up is free at once', async () => {
      const ledger = await open();
      await ledger.releaseLease(await led(ledger));
      expect(await ledger.acquireLease('other', me, 1, TTL)).toEqual({ epoch: 2, owner: 'other' });
    });

    test('is not taken from others by giving up an old one', async () => {
      const ledger = await open();
      const old = await led(ledger);
      await ledger.acquireLease('other', me, 2 * TTL, TTL);
      await ledger.releaseLease(old);
      expect(await ledger.acquireLease('one', me, 2 * TTL + 1, TTL)).toBeNull();
    });

    test('of a process on another machine holds until its time is over, and no longer', async () => {
      const ledger = await open();
      await ledger.acquireLease('one', elsewhere, 0, TTL);
      expect(await ledger.acquireLease('other', me, TTL - 1, TTL)).toBeNull();
      expect(await ledger.acquireLease('other', me, TTL, TTL)).toMatchObject({ epoch: 2 });
    });

    test('that ends far in the future was taken by a clock that was wrong, and does not hold', async () => {
      const ledger = await open();
      await ledger.acquireLease('one', elsewhere, 365 * DAY, TTL);
      expect(await ledger.acquireLease('other', me, 0, TTL)).toMatchObject({ epoch: 2 });
      // A little ahead is what clocks of two machines are.
      await ledger.acquireLease('other', elsewhere, 5 * TTL, TTL);
      expect(await ledger.acquireLease('third', me, 0, TTL)).toBeNull();
    });
  });
}
