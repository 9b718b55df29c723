import type { Json } from '@nx-assets/core';
import type { Seen, WatchFacts } from '@nx-assets/core/automation';
import { senseAsset } from './asset.ts';
import { senseFiles } from './files.ts';
import { senseRuns } from './runs.ts';
import type { SenseScope } from './scope.ts';
import { senseUrl } from './url.ts';

/** One look at what a sensor watches. Throws where it cannot be seen. */
export function look(watch: WatchFacts, cursor: Json | undefined, scope: SenseScope): Promise<Seen> {
  switch (watch.kind) {
    case 'files':
      return senseFiles(watch, cursor, scope);
    case 'url':
      return senseUrl(watch, cursor, scope);
    case 'asset':
      return senseAsset(watch, cursor, scope);
    case 'runs':
      return senseRuns(watch, cursor, scope);
  }
}
