import { describe, expect, test, vi } from 'vitest';
import type { Place } from './place.ts';
import { decisions, me } from './sample-decisions.ts';
import { logged, runStarted } from './sample-events.ts';

/** A follower misses nothing that others write. */
export function changeFeedContract(place: Place): void {
  describe('a follower', () => {
    test('knows the newest event, and reads on after it', async () => {
      const open = place();
      const [follower, writer] = [await open(), await open()];
      expect(await follower.lastEvent()).toBe(0);
      await writer.append([runStarted(), logged()]);
      const last = await follower.lastEvent();
      expect(await follower.events({ after: last, limit: 9 })).toEqual([]);
      await writer.append([logged({ message: 'later' })]);
      expect(await follower.events({ after: last, limit: 9 })).toMatchObject([
        { event: { message: 'later' } },
      ]);
    });

    test('sees by the stamp that another has written, events or decisions', async () => {
      const open = place();
      const [follower, writer] = [await open(), await open()];
      const first = await follower.stamp();
      expect(await follower.stamp()).toBe(first);
      await writer.append([logged()]);
      const second = await follower.stamp();
      expect(second).not.toBe(first);
      expect(await follower.stamp()).toBe(second);
      const lease = await writer.ledger.acquireLease('one', me, 0, 1_000);
      if (lease) await writer.ledger.commit(lease, decisions({ states: new Map([['a', 1]]) }), 1, 1_000);
      expect(await follower.stamp()).not.toBe(second);
    });

    test('is called when another has written, and not after it has stopped', async () => {
      const open = place();
      const [follower, writer] = [await open(), await open()];
      const listener = vi.fn();
      const stop = await follower.watch(listener);
      await writer.append([logged()]);
      await vi.waitFor(() => expect(listener).toHaveBeenCalled(), { timeout: 10_000 });
      await stop();
      listener.mockClear();
      await writer.append([logged()]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(listener).not.toHaveBeenCalled();
    });

    test('follows one history while it is there', async () => {
      const history = await place()();
      await history.append([logged()]);
      expect(await history.generation()).toBe(0);
    });
  });

  describe('a closed history', () => {
    test('can be closed again, and answers no more', async () => {
      const history = await place()();
      await history.append([logged()]);
      await history.close();
      await history.close();
      await expect(history.append([logged()])).rejects.toThrow();
      await expect(history.lastEvent()).rejects.toThrow();
    });

    test('is there when it is opened again, without a notice', async () => {
      const open = place();
      const first = await open();
      await first.append([logged()]);
      await first.close();
      const again = await open();
      expect(again.notice).toBeNull();
      expect(await again.events({ limit: 9 })).toHaveLength(1);
    });
  });
}
