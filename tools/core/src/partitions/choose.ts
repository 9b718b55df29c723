import { AssetError } from '../diagnostics.ts';
import { suggest } from '../selection/suggest.ts';
import type { PartitionSet } from './set.ts';

/**
 * The partitions that a command line names, in order: keys, ranges `2026-03-01...2026-03-31` with either end left out,
 * `latest`, and lists of these with commas. In two dimensions each side is one of these, or `*`: `2026-03-01.../eu`.
 * Throws `PARTITION_UNKNOWN`.
 */
export function choosePartitions(set: PartitionSet, text: string, asset: string): readonly string[] {
  const chosen = new Set(text.split(',').flatMap((part) => chooseOne(set, part.trim(), asset)));
  return set.keys.filter((key) => chosen.has(key));
}

function chooseOne(set: PartitionSet, text: string, asset: string): readonly string[] {
  if (set.has(text)) return [text];
  if (text === '*') return set.keys;
  if (set.spec.kind === 'product') {
    const sides = text.split('/');
    if (sides.length !== 2) throw unknown(set, text, asset, WHOLE);
    const [first, second] = set.spec.dimensions.map(({ name }, at) => {
      const dimension = set.dimension(name) as PartitionSet;
      return chooseOne(dimension, sides[at] ?? '', `${asset}, ${name}`);
    });
    return (first ?? []).flatMap((a) => (second ?? []).map((b) => `${a}/${b}`));
  }
  if (text === 'latest') return set.keys.slice(-1);
  const range = /^(.*?)\.\.\.(.*)$/.exec(text);
  if (!range) throw unknown(set, text, asset);
  const [, from = '', to = ''] = range;
  const [first, last] = [place(set, from, asset, 0), place(set, to, asset, set.keys.length - 1)];
  if (first > last) {
    throw new AssetError('PARTITION_UNKNOWN', `The range ${text} of ${asset} ends before it begins.`, {
      remedy: 'Write the earlier one first.',
    });
  }
  return set.keys.slice(first, last + 1);
}

function place(set: PartitionSet, key: string, asset: string, open: number): number {
  if (key === '') return open;
  if (key === 'latest') return set.keys.length - 1;
  const found = set.indexOf(key);
  if (found < 0) throw unknown(set, key, asset);
  return found;
}

const SHOWN = 3;

/** In a list each part stands for itself. */
const WHOLE = ' In two dimensions write both sides of each: a/x,b/x, or */x.';

function unknown(set: PartitionSet, text: string, asset: string, more = ''): AssetError {
  const facts = `${asset} has no partition "${text}".`;
  if (set.keys.length === 0) {
    const remedy =
      set.spec.kind === 'dynamic'
        ? `There are none yet: \`nx-assets partitions --add <key> ${asset}\` adds one.`
        : 'It has none yet: a window is there when it has ended.';
    return new AssetError('PARTITION_UNKNOWN', facts, { remedy });
  }
  const span = set.keys.length > 1 ? `${set.keys.length}, from ${set.keys[0]} to ${set.keys.at(-1)}` : '1';
  const remedy = `The nearest: ${nearest(set, text).join(', ')}. There are ${span}.${more}`;
  return new AssetError('PARTITION_UNKNOWN', facts, { remedy });
}

/** Keys that are like a text: of windows those around it, otherwise what was perhaps meant. */
function nearest({ keys, spec }: PartitionSet, text: string): readonly string[] {
  if (spec.kind === 'time') {
    // 2026-3-1 is meant for 2026-03-01.
    const padded = text.replaceAll(/(?<!\d)\d(?!\d)/g, '0$&');
    if (keys.includes(padded)) return [padded];
    const after = keys.findIndex((key) => key > text);
    const middle = after < 0 ? keys.length : after;
    const from = Math.max(0, Math.min(middle - 2, keys.length - SHOWN));
    return keys.slice(from, from + SHOWN);
  }
  const meant = suggest(text, keys);
  return meant === null ? keys.slice(0, SHOWN) : [meant];
}
