/**
 * How many steps each node is from the beginning, by the longest way. Edges that would close a circle are left out: groups
 * may depend on each other where assets do not.
 */
export function ranksOf(
  nodes: readonly string[],
  edges: readonly (readonly [from: string, to: string])[],
): Map<string, number> {
  const before = new Map<string, string[]>(nodes.map((node) => [node, []]));
  for (const [from, to] of edges) if (from !== to && before.has(from)) before.get(to)?.push(from);
  const ranks = new Map<string, number>();
  const open = new Set<string>();
  // With its own stack: a chain of thousands is deeper than calls may be.
  for (const root of nodes) {
    const stack: { node: string; place: number; rank: number }[] = [{ node: root, place: 0, rank: 0 }];
    while (stack.length > 0) {
      const frame = stack.at(-1) as (typeof stack)[number];
      const { node } = frame;
      if (ranks.has(node)) {
        stack.pop();
        continue;
      }
      open.add(node);
      const next = before.get(node)?.[frame.place];
      if (next === undefined) {
        ranks.set(node, frame.rank);
        open.delete(node);
        stack.pop();
        continue;
      }
      const known = ranks.get(next);
      if (known === undefined && !open.has(next)) stack.push({ node: next, place: 0, rank: 0 });
      else {
        if (known !== undefined) frame.rank = Math.max(frame.rank, known + 1);
        frame.place++;
      }
    }
  }
  return ranks;
}
