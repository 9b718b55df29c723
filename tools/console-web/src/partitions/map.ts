/** What a letter of `PartitionsView.states` means. */
export const STATES = { f: 'fresh', s: 'stale', m: 'missing', x: 'failed', r: 'running' } as const;
type Letter = keyof typeof STATES;

const WORST: readonly Letter[] = ['x', 'r', 'm', 's', 'f'];

export interface Cell {
  readonly letter: Letter;
  /** Places of the partitions that it stands for: from, and up to without. */
  readonly from: number;
  readonly to: number;
}

/** Not more than `most` cells: each stands for as many partitions as that takes, and shows the worst of them. */
export function cellsOf(states: string, most: number): Cell[] {
  const each = Math.max(1, Math.ceil(states.length / most));
  return Array.from({ length: Math.ceil(states.length / each) }, (_, index) => {
    const [from, to] = [index * each, Math.min(states.length, (index + 1) * each)];
    const part = states.slice(from, to);
    return { letter: WORST.find((one) => part.includes(one)) ?? 'm', from, to };
  });
}
