/** Which partitions of a dep a partition is made from, as data. */
export type Mapping = Rule & {
  /** Of those that do not exist (yet), the step does without. Otherwise it does not start. */
  readonly mayBeMissing?: true;
};

type Rule =
  | { readonly kind: 'identity' | 'all' | 'last' | 'windows' | 'custom' }
  /** The window, and those before it: `count` in all. */
  | { readonly kind: 'trailing'; readonly count: number }
  /** Own key to keys of the dep. */
  | { readonly kind: 'static'; readonly keys: Readonly<Record<string, readonly string[]>> }
  /** Own dimension of that name is the dep's key. */
  | { readonly kind: 'own-dimension'; readonly name: string }
  /** The dep's dimension of that name is the own key; of its other dimension, all. */
  | { readonly kind: 'dep-dimension'; readonly name: string };

/** A mapping that a function says. Both directions must agree. */
export interface CustomMapping {
  /** Keys of the dep that a partition is made from. */
  upstream(key: string): readonly string[];
  /** Keys that are made from a partition of the dep. Default: found by asking `upstream` for every key. */
  downstream?(key: string): readonly string[];
}
