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
  loadGroups,
  watchLoading,
} from '@nx-assets/engine/description';
import type { LoadMessage, LoadOrder } from './load-order.ts';
import { processContext } from './run-context.ts';

process.once('message', (order: LoadOrder) => {
  void answer(order).then((message) =>
    process.send?.(message, undefined, {}, () => processContext().exit(0)),
  );
});

async function answer({ root, sources }: LoadOrder): Promise<LoadMessage> {
  const say = (message: LoadMessage) => process.send?.(message);
  let group: GroupSource | undefined;
  const loaded = watchLoading();
  const allow = forbidIo();
  try {
    const named = await loadGroups(root, sources, (next) => {
      group = next;
      say({ type: 'loading', group: next.name });
    });
    allow();
    const { conditions } = processContext();
    return { type: 'done', ...describe(root, sources, named, { conditions, loaded: loaded.imports }) };
  } catch (thrown) {
    allow(); // the reason is found in the files
    const error = explainLoadError(thrown, root, sources);
    return {
      type: 'failed',
      code: error.code,
      facts: `${where(thrown, error, root, group)}${error.facts}`.replaceAll(`${root}/`, ''),
      remedy: error.remedy,
    };
  }
}

/** The author's own line first, where the error does not name it itself. */
function where(thrown: unknown, error: AssetError, root: string, group: GroupSource | undefined): string {
  if (error !== thrown && error.facts.includes(root)) return '';
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  // Node puts the place of a failed import on a line of its own, before the message.
  const linked = /^file:\/\/(\/.+?):(\d+)$/m.exec(stack);
  const frame = thrown instanceof Error ? authorStack(thrown)?.split('\n')[0] : undefined;
  const [, file, line] = linked ?? /(\/[^\s()]+?):(\d+):\d+/.exec(frame?.replace('file://', '') ?? '') ?? [];
  if (file && line) return `${relative(root, file)}:${line}: `;
  return thrown instanceof AssetError || !group ? '' : `${group.root}: `;
}
