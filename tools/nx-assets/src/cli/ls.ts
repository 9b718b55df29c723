import type { AssetManifest } from '@nx-assets/core';
import { print, printJson } from './output.ts';
import type { LsFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseAssets } from '@nx-assets/workspace/choose-assets';
import { table, type TableColumn } from '@nx-assets/workspace/format';
import { EXIT } from './exit.ts';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

const COLUMNS: readonly TableColumn<AssetManifest>[] = [
  { title: 'asset', cell: ({ key }) => key },
  { title: 'kind', cell: ({ kind }) => kind },
  { title: 'owner', cell: ({ owners }) => owners.join(', ') },
  { title: 'description', cell: ({ description }) => description },
];

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
    print(context, table(COLUMNS, chosen).join('\n'));
  }
  return EXIT.ok;
}
