import { AssetError } from './diagnostics.ts';

/** How old data may get before it is asked for again. */
export interface FreshnessPolicy {
  /** For example `'90s'`, `'15m'`, `'1h'`, `'7d'`. */
  readonly maxAge: Duration;
}

export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration in milliseconds. */
export function milliseconds(duration: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(duration);
  const amount = Number(match?.[1]);
  if (!match || !(amount > 0)) {
    throw new AssetError('ASSET_OPTION_INVALID', `"${duration}" is not a duration.`, {
      remedy: 'Write a number and a unit: 90s, 15m, 1h or 7d.',
    });
  }
  return amount * UNITS[match[2] as keyof typeof UNITS];
}
