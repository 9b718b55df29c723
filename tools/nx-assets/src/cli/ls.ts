import pc from 'picocolors';
import { print, printJson } from './output.ts';
import type { LsFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseAssets } from '@nx-assets/workspace/choose-assets';
import { table } from '@nx-assets/workspace/format';
import { EXIT } from './exit.ts';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Lists assets. */
export async function lsCommand(
  context: ProcessContext,
  selection: readonly string[],
  flags: LsFlags,
): Promise<number> {
  const workspace = await Workspace.open(context);
  const chosen = (await chooseAssets(workspace, selection)).flatMap(
    (key) => workspace.graph.nodes.get(key) ?? [],
  );
  if (flags.json) {
    printJson(context, {
      assets: chosen.map(({ key, description, kind, deps, owners, tags, metadata, output }) => {
        return {
          key,
          description,
          kind,
          deps: Object.values(deps),
          owners,
          tags,
          metadata,
          path: output.path,
        };
      }),
    });
  } else if (flags.names) {
    if (chosen.length > 0) print(context, chosen.map(({ key }) => key).join('\n'));
  } else {
    const rows = chosen.map(({ key, kind, owners, description }) => [
      key,
      kind,
      owners.join(', '),
      description,
    ]);
    const [head = '', ...body] = table(
      [{ title: 'asset' }, { title: 'kind' }, { title: 'owner' }, { title: 'holds' }],
      rows,
    );
    print(context, [pc.dim(head), ...body].join('\n'));
  }
  return EXIT.ok;
}
