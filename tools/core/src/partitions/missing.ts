import { endOf, type Sides, windowOf } from './mapping.ts';
import type { Mapping } from './mapping-spec.ts';

/**
 * Keys of the dep that a partition is made from and that do not exist: their window has not ended yet, or is outside of
 * the range of the dep, or nobody has added them. Where a whole dimension is meant, `*` stands for its keys, and `latest`
 * for the last one of none.
 */
export function missingKeys(
  mapping: Mapping,
  { own, dep, custom }: Sides,
  key: string | null,
): readonly string[] {
  const unknown = (keys: readonly string[]) => [...new Set(keys)].filter((one) => !dep.has(one));
  switch (mapping.kind) {
    case 'all':
      return [];
    case 'last':
      return dep.keys.length === 0 ? ['latest'] : [];
    case 'identity':
      return key === null ? [] : unknown([key]);
    case 'windows':
      return dep.absent(windowOf(own, key));
    case 'trailing':
      // Fewer where they begin: only the last has to be there. All before it are, as far as there are any.
      return dep.absent(endOf(windowOf(own, key)));
    case 'static':
      return unknown(mapping.keys[key ?? ''] ?? []);
    case 'own-dimension':
      return unknown([own?.partsOf(key ?? '')?.[mapping.name] ?? []].flat());
    case 'dep-dimension': {
      const dimension = dep.dimension(mapping.name);
      if (key === null || !dimension || dimension.has(key)) return [];
      const isFirst = dep.spec.kind === 'product' && dep.spec.dimensions[0]?.name === mapping.name;
      return [isFirst ? `${key}/*` : `*/${key}`];
    }
    case 'custom':
      return unknown(custom?.upstream(key ?? '') ?? []);
  }
}
