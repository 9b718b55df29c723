import type { Json } from '@nx-assets/core';
import type { Seen, WatchFacts } from '@nx-assets/core/automation';
import { lookAtAsset } from './asset.ts';
import { lookAtFiles } from './files.ts';
import { lookAtRuns } from './runs.ts';
import type { SenseScope } from './scope.ts';
import { lookAtUrl } from './url.ts';

/** One look at what a sensor watches. Throws where it cannot be seen. */
export function look(watch: WatchFacts, cursor: Json | undefined, scope: SenseScope): Promise<Seen> {
  switch (watch.kind) {
    case 'files':
      return lookAtFiles(watch, cursor, scope);
    case 'url':
      return lookAtUrl(watch, cursor, scope);
    case 'asset':
      return lookAtAsset(watch, cursor, scope);
    case 'runs':
      return lookAtRuns(watch, cursor, scope);
  }
}
