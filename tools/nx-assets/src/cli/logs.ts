import type { AssetKey } from '@nx-assets/core';
import { colours as pc } from '@nx-assets/workspace/colours';
import { print, printJson } from './output.ts';
import { chooseOne } from '@nx-assets/workspace/choose-assets';
import { Workspace } from '@nx-assets/workspace/workspace';
import type { JsonFlag } from './flags.ts';
import { withHistory } from './runs.ts';
import { findRun } from '@nx-assets/workspace/history';
import { EXIT } from './exit.ts';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Lines asked for at a time. */
const PAGE = 5_000;

/** A step by its name: an asset, or an op of a job as group/job/op. */
const keyOf = async (context: ProcessContext, text: string): Promise<AssetKey> =>
  /^[^/]+\/[^/]+\/[^/]+$/.test(text)
    ? (text as AssetKey)
    : chooseOne(await Workspace.open(context), text).key;

/** Prints what the steps of a run logged. */
export async function logsCommand(
  context: ProcessContext,
  text: string,
  asset: string | undefined,
  flags: JsonFlag,
): Promise<number> {
  const key = asset === undefined ? undefined : await keyOf(context, asset);
  return withHistory(context, async (history) => {
    const { runId } = await findRun(history, text);
    const all = [];
    let after = 0;
    let count = 0;
    for (;;) {
      const page = { limit: PAGE, after, ...(key === undefined ? {} : { key }) };
      const lines = (await history?.logs(runId, page)) ?? [];
      count += lines.length;
      if (flags.json) all.push(...lines);
      else {
        for (const line of lines) {
          const level =
            line.level === 'info' ? '' : `${line.level === 'warn' ? pc.yellow('warn') : pc.dim(line.level)} `;
          print(
            context,
            `${pc.dim(new Date(line.at).toISOString())} ${pc.dim(line.key)} ${level}${line.message}`,
          );
        }
      }
      if (lines.length < PAGE) break;
      after = lines.at(-1)?.id ?? 0;
    }
    if (flags.json) printJson(context, { runId, lines: all });
    else if (count === 0) print(context, `${key ?? `Run ${runId}`} logged nothing.`);
    return EXIT.ok;
  });
}
