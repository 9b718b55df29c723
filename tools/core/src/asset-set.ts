import { type AnyAsset, isAsset, type Upstream } from './asset-model.ts';
import { AssetError } from './diagnostics.ts';
import { entryOf } from './entry.ts';

// One symbol for all copies of this package: a group may have its own.
const SET: unique symbol = Symbol.for('nx-assets.set') as never;

/** One asset of a set, and the entry that it was made from, as JSON. */
export interface Member<A extends AnyAsset = AnyAsset> {
  readonly name: string;
  readonly entry: string;
  readonly asset: A;
}

type ByName<Name extends string, A> = string extends Name
  ? { readonly [name: string]: A | undefined }
  : { readonly [N in Name]: A };

/**
 * Assets that one function made from the entries of a list, by their names. Where the compiler does not know the names, a
 * name may be none: `memberOf` gives the asset, or says which there are.
 */
export type AssetSet<Name extends string = string, A extends AnyAsset = AnyAsset> = ByName<Name, A> & {
  readonly [SET]: ReadonlyMap<Name, Member<A>>;
};

/** Any set. */
interface AnySet {
  readonly [SET]: ReadonlyMap<string, Member>;
}

type NameIn<S extends AnySet> = S extends { readonly [SET]: ReadonlyMap<infer Name extends string, unknown> }
  ? Name
  : never;
type AssetIn<S extends AnySet> = S extends { readonly [SET]: ReadonlyMap<string, Member<infer A>> }
  ? A
  : never;

interface Scope {
  /**
   * An asset that this function made from an entry further up, as a dep. `Value` is what it is known to give, for
   * example `Table<Row>`. Throws `ASSET_MEMBER_UNKNOWN`.
   */
  member<Value = unknown>(name: string): Upstream<Value>;
}

/**
 * Makes an asset from each entry of a list. The export's name and the entry's, with an underscore between, are the name:
 * `export const rates = assets([{ code: 'eur' }], ({ code }) => [code, asset({…})])` is the asset `rates_eur`.
 *
 * An entry is data, and counts for the version of its own asset alone. `make` gets nothing but the entry and must keep
 * nothing from one call to the next. `listOf` of the engine says when the rest of the list does not count.
 *
 * Throws `ASSET_ENTRY_INVALID`, `ASSET_NAME_INVALID` or `ASSET_DUPLICATE`, which name the entries.
 */
export function assets<const Entry, const Name extends string, A extends AnyAsset>(
  list: readonly Entry[],
  make: (entry: Entry, scope: Scope) => readonly [name: Name, asset: A],
): AssetSet<Name, A>;
/** The same for an object: its keys are the names. */
export function assets<const Entries extends { readonly [name: string]: unknown }, A extends AnyAsset>(
  entries: Entries,
  make: (
    entry: Entries[keyof Entries],
    scope: Scope & { readonly name: Extract<keyof Entries, string> },
  ) => A,
): AssetSet<Extract<keyof Entries, string>, A>;
export function assets(
  given: readonly unknown[] | Readonly<Record<string, unknown>>,
  make: (entry: never, scope: never) => unknown,
): AssetSet {
  const members = new Map<string, Member>();
  const places = new Map<string, string>();
  const scope: Scope = { member: (name) => find(members, name, 'further up in the list') as Upstream<never> };
  const call = make as (entry: unknown, scope: Scope & { readonly name?: string }) => unknown;
  for (const [key, raw] of Object.entries(given)) {
    const place = Array.isArray(given) ? `Entry ${Number(key) + 1} of the list` : `The entry "${key}"`;
    const entry = entryOf(raw, place);
    const made = Array.isArray(given) ? call(entry.value, scope) : call(entry.value, { ...scope, name: key });
    const [name, asset] = Array.isArray(given) ? pairOf(made, place) : [key, made];
    if (!isAsset(asset)) throw new AssetError('ASSET_ENTRY_INVALID', `${place} does not become an asset.`);
    checkName(name, place);
    const other = places.get(name);
    if (other !== undefined) {
      const facts = `${other} and ${place.toLowerCase()} are both called "${name}".`;
      throw new AssetError('ASSET_DUPLICATE', facts, { remedy: 'Give each entry a name of its own.' });
    }
    places.set(name, place);
    members.set(name, { name, entry: entry.text, asset });
  }
  const set = Object.fromEntries([...members].map(([name, { asset }]) => [name, asset]));
  return Object.freeze(Object.defineProperty(set, SET, { value: members })) as unknown as AssetSet;
}

/** All assets of a set by their names, for `deps`. */
export const membersOf = <S extends AnySet>(set: S): Readonly<Record<NameIn<S>, AssetIn<S>>> =>
  Object.fromEntries([...set[SET]].map(([name, { asset }]) => [name, asset])) as never;

/** One asset of a set. Throws `ASSET_MEMBER_UNKNOWN`, which says which there are. */
export const memberOf = <S extends AnySet>(set: S, name: NoInfer<NameIn<S>>): AssetIn<S> =>
  find(set[SET], name, 'in this set') as never;

/** What a set consists of; `null` for what is none. */
export const entriesOf = (value: unknown): readonly Member[] | null =>
  typeof value === 'object' && value !== null && SET in value ? [...(value as AnySet)[SET].values()] : null;

function find(members: ReadonlyMap<string, Member>, name: string, where: string): AnyAsset {
  const member = members.get(name);
  if (member) return member.asset;
  const names = [...members.keys()];
  const known = names.slice(0, 10).join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '');
  const facts = `There is no "${name}" ${where}, but ${names.length === 0 ? 'nothing' : known}.`;
  throw new AssetError('ASSET_MEMBER_UNKNOWN', facts);
}

function pairOf(made: unknown, place: string): readonly [string, unknown] {
  if (Array.isArray(made) && made.length === 2) return made as [string, unknown];
  throw new AssetError('ASSET_ENTRY_INVALID', `${place} does not become a name and an asset.`);
}

// The name of the export comes before it, so it may start with a digit.
const NAME = /^[a-z0-9_]+$/;

function checkName(name: unknown, place: string): void {
  if (typeof name === 'string' && NAME.test(name)) return;
  throw new AssetError('ASSET_NAME_INVALID', `${place} is called ${JSON.stringify(name)}.`, {
    remedy:
      'Make a name from it of lower-case letters, digits and underscores, for example with toLowerCase().',
  });
}
