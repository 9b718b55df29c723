import { asset, type Asset, type ControlOptions, type FreshnessPolicy, type Json } from '@nx-assets/core';
import { Observation, type Source } from './source.ts';

export interface ExternalOptions extends Pick<ControlOptions, 'retry' | 'timeout' | 'pool' | 'priority'> {
  /** One sentence: what it holds, and who makes it. */
  readonly description: string;
  /** What is looked at: `url('https://…')`, `file('data/…')`, or an object with an `observe` function. */
  readonly source: Source;
  /** When it is looked at again, and how long it may go unseen. */
  readonly freshness: FreshnessPolicy;
  /** The technology badge. Default: `external`. */
  readonly kind?: string;
  readonly owners?: readonly string[];
  readonly tags?: readonly string[];
  readonly metadata?: { readonly [name: string]: Json };
  readonly env?: readonly string[];
  /** Files of the workspace that a function of its source opens, as in `asset()`. */
  readonly reads?: readonly string[];
}

/**
 * An asset that is made elsewhere and only observed here. Its value is what was seen: while that stays the same, nothing
 * that depends on it runs. It stands in the graph like any other.
 */
export function external(options: ExternalOptions): Asset<Observation> {
  const { source, ...rest } = options;
  return asset({
    kind: 'external',
    retry: { attempts: 3 },
    ...rest,
    isExternal: true,
    value: Observation,
    materialize: (_inputs, { signal, log, root }) => source.observe({ signal, log, root }),
  });
}
