import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssetError } from '@nx-assets/core/data';
import type { GroupSource } from '@nx-assets/engine';

interface GroupPackageJson {
  readonly name?: string;
  readonly description?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly nx?: { readonly name?: string; readonly targets?: Readonly<Record<string, unknown>> };
  readonly 'nx-assets'?: { readonly entry?: string; readonly owner?: string; readonly description?: string };
}

/** The groups among some package.json files: those with an `nx-assets` section. Sorted by folder. */
export function readGroups(root: string, packageFiles: readonly string[]): GroupSource[] {
  return [...packageFiles].sort().flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    // Most package.json files are not groups: do not parse what cannot be one.
    if (!text.includes('"nx-assets"')) return [];
    const json = JSON.parse(text) as GroupPackageJson;
    const section = json['nx-assets'];
    if (typeof section !== 'object') return [];
    const folder = dirname(file);
    const entry = section.entry ?? './src/index.ts';
    if (!existsSync(join(root, folder, entry))) {
      throw new AssetError(
        'GROUP_ENTRY_MISSING',
        `${file} says that its assets are in ${entry}, which is not there.`,
      );
    }
    return {
      name: json.nx?.name ?? json.name?.split('/').at(-1) ?? folder,
      root: folder,
      entry,
      description: section.description ?? json.description ?? '',
      owner: section.owner ?? null,
      reserved: [
        'materialize',
        'check',
        ...Object.keys(json.nx?.targets ?? {}),
        ...Object.keys(json.scripts ?? {}),
      ],
    };
  });
}
