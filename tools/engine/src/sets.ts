import type { Code, Declaration, Hidden, Importer } from './code/closure.ts';
import { exportOf, type NamedAsset } from './definitions.ts';

/** The sets of assets among the definitions, and what of them counts for whom. */
export interface Sets {
  /** What does not count for one of a set: the entries of the others. */
  hiddenFor(asset: NamedAsset): Hidden | null;
  /** Watches a boundary for what the code inside of it does with sets outside. */
  watch(isBoundary: (declaration: Declaration) => boolean): {
    readonly isBoundary: (declaration: Declaration, importer: Importer) => boolean;
    /** The names in the sets that it looks at as a whole. */
    names(): string[];
  };
}

const idOf = ({ file, name }: Declaration): string => `${file}\0${name}`;

export function setsIn(code: Code, named: readonly NamedAsset[]): Sets {
  const names = new Map<string, string[]>();
  const hidden = new Map<string, Hidden | null>();
  const placeOf = (asset: NamedAsset): Declaration | null => {
    const declaration = code.declarationOf(asset.entry, exportOf(asset));
    return 'file' in declaration ? declaration : null;
  };
  for (const asset of named) {
    const place = asset.member ? placeOf(asset) : null;
    if (!place || !asset.member) continue;
    const id = idOf(place);
    if (!hidden.has(id)) hidden.set(id, code.hiddenIn(place));
    names.set(id, [...(names.get(id) ?? []), asset.member.name]);
  }
  return {
    hiddenFor(asset) {
      const place = asset.member ? placeOf(asset) : null;
      return place ? (hidden.get(idOf(place)) ?? null) : null;
    },
    watch(isBoundary) {
      const whole = new Set<string>();
      return {
        isBoundary(declaration, importer) {
          if (!isBoundary(declaration)) return false;
          const id = idOf(declaration);
          if (names.has(id) && code.usesWhole(importer)) whole.add(id);
          return true;
        },
        names: () => [...whole].flatMap((id) => names.get(id) ?? []).sort(),
      };
    },
  };
}
