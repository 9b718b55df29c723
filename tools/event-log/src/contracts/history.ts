import { describe, onTestFinished } from 'vitest';
import { changeFeedContract } from './change-feed.ts';
import { detailsContract } from './details.ts';
import { ledgerContract } from './ledger.ts';
import type { Place } from './place.ts';
import { pruneContract } from './prune.ts';
import { runsContract } from './runs.ts';

/** All that a `History` promises. Call it in a test file, with what begins a new, empty one. */
export function historyContract(name: string, begin: Place): void {
  const place: Place = () => {
    const open = begin();
    return async () => {
      const history = await open();
      onTestFinished(() => history.close());
      return history;
    };
  };
  describe(name, () => {
    runsContract(place);
    detailsContract(place);
    pruneContract(place);
    changeFeedContract(place);
    ledgerContract('its ledger', () => {
      const open = place();
      return async () => (await open()).ledger;
    });
  });
}
