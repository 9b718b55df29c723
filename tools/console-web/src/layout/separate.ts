/** Something with a place that it would like, and room that it needs. */
export interface Wish {
  readonly size: number;
  /** Where its middle should be. */
  readonly at: number;
}

interface Block {
  /** Where the first one's middle would be best, as all in the block see it together. */
  at: number;
  readonly members: number[];
  /** Of each member, its distance from the first. */
  readonly offsets: number[];
  length: number;
}

/**
 * Middles of things in a given order, as near to where they want to be as gaps allow: the sum of squares is least. Linear,
 * by merging neighbours that would overlap (isotonic regression, "pool adjacent violators").
 */
export function separate(wishes: readonly Wish[], gap: number): number[] {
  const blocks: Block[] = [];
  wishes.forEach(({ at }, index) => {
    blocks.push({ at, members: [index], offsets: [0], length: 0 });
    for (;;) {
      const [left, right] = [blocks.at(-2), blocks.at(-1)];
      if (!left || !right) break;
      const last = wishes[left.members.at(-1) ?? 0];
      const first = wishes[right.members[0] ?? 0];
      const apart = ((last?.size ?? 0) + (first?.size ?? 0)) / 2 + gap;
      const start = left.length + apart;
      if (right.at - left.at >= start) break;
      const [n, m] = [left.members.length, right.members.length];
      left.at = (left.at * n + (right.at - start) * m) / (n + m);
      // One by one: a block of thousands would not fit into the arguments of a call.
      for (const member of right.members) left.members.push(member);
      for (const offset of right.offsets) left.offsets.push(start + offset);
      left.length = start + right.length;
      blocks.pop();
    }
  });
  const middles = new Array<number>(wishes.length).fill(0);
  for (const { at, members, offsets } of blocks) {
    members.forEach((member, place) => (middles[member] = at + (offsets[place] ?? 0)));
  }
  return middles;
}
