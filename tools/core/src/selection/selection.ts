import type { AssetKey } from '../key.ts';

/** Which assets: what the text of a selection says, as plain data. */
export type Selection =
  | Term
  | { readonly type: 'not'; readonly operand: Selection }
  | { readonly type: 'and' | 'or'; readonly operands: readonly [Selection, Selection, ...Selection[]] }
  | { readonly type: 'traverse'; readonly up: Hops; readonly down: Hops; readonly operand: Selection }
  | { readonly type: SelectionFunction; readonly operand: Selection };

/** Assets of which an attribute fits a pattern: `*` is any text, `?` any character. */
export interface Term {
  readonly type: 'term';
  readonly attribute: SelectionAttribute;
  readonly pattern: string;
}

/** How far to follow edges. A traversal follows at least one side, so not both are 0. */
export type Hops = number | 'all';

export const SELECTION_ATTRIBUTES = ['name', 'key', 'group', 'kind', 'tag', 'owner', 'status'] as const;
export type SelectionAttribute = (typeof SELECTION_ATTRIBUTES)[number];

export const SELECTION_FUNCTIONS = ['roots', 'sinks'] as const;
export type SelectionFunction = (typeof SELECTION_FUNCTIONS)[number];

export const ASSET_STATUSES = ['missing', 'stale', 'failed', 'overdue', 'due', 'fresh'] as const;
export type AssetStatus = (typeof ASSET_STATUSES)[number];

/** The part of an asset that a selection can ask for. */
export interface SelectableAsset {
  readonly key: AssetKey;
  readonly kind: string;
  readonly tags: readonly string[];
  readonly owners: readonly string[];
  readonly deps: Readonly<Record<string, AssetKey>>;
  /** Several may hold at once. Needed only where `needsStatus` says so. */
  readonly status?: readonly AssetStatus[];
}

/** The terms of a selection, from left to right. */
export function termsOf(selection: Selection): readonly Term[] {
  if (selection.type === 'term') return [selection];
  if ('operands' in selection) return selection.operands.flatMap(termsOf);
  return termsOf(selection.operand);
}

/** Whether a selection asks for statuses, which cost more to find out than what definitions say. */
export const needsStatus = (selection: Selection): boolean =>
  termsOf(selection).some(({ attribute }) => attribute === 'status');

/** Without `attribute:`, a pattern with a slash is a key, and any other a name. */
export const attributeOf = (pattern: string): SelectionAttribute => (pattern.includes('/') ? 'key' : 'name');
