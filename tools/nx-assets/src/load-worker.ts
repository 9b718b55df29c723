// Loads the definitions of all groups and says what they are. A process of its own: nothing stale stays behind,
// and a definition that hangs or exits takes only this process with it.
import { relative } from 'node:path';
import { AssetError } from '@nx-assets/core';
import type { GroupSource } from '@nx-assets/engine';
import {
  authorStack,
  describe,
  explainLoadError,
  forbidIo,
  loadDefinitions,
} from '@nx-assets/engine/description';
import type { WorkerMessage } from './manifest.ts';

interface Order {
  readonly root: string;
  readonly sources: readonly GroupSource[];
}

process.once('message', (order: Order) => {
  void answer(order).then((message) => process.send?.(message, undefined, {}, () => process.exit(0)));
});

async function answer({ root, sources }: Order): Promise<WorkerMessage> {
  const say = (message: WorkerMessage) => process.send?.(message);
  let group: GroupSource | undefined;
  const allow = forbidIo();
  try {
    const named = await loadDefinitions(root, sources, (next) => {
      group = next;
      say({ type: 'loading', group: next.name });
    });
    allow();
    return { type: 'done', ...describe(root, sources, named) };
  } catch (thrown) {
    allow(); // the reason is found in the files
    const error = explainLoadError(thrown, root, sources);
    return {
      type: 'failed',
      code: error.code,
      facts: `${where(thrown, root, group)}${error.facts}`,
      remedy: error.remedy,
    };
  }
}

/** The author's own line first. */
function where(thrown: unknown, root: string, group: GroupSource | undefined): string {
  const frame = thrown instanceof Error ? authorStack(thrown)?.split('\n')[0] : undefined;
  const position = /(file:\/\/)?(\/[^\s()]+?):(\d+):(\d+)/.exec(frame ?? '');
  const file = position?.[2];
  if (file) return `${relative(root, file)}:${position[3]}: `;
  return thrown instanceof AssetError || !group ? '' : `${group.root}: `;
}
