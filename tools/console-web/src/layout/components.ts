import type { Edge, Node } from './scene.ts';

/** Connected groups with their nodes and edges, the largest part first. */
export function componentsOf(nodes: readonly Node[], edges: readonly Edge[]) {
  const parent = new Map<string, string>();
  const find = (name: string): string => {
    let root = name;
    while (parent.has(root)) root = parent.get(root) as string;
    for (let at = name; at !== root;) {
      const next = parent.get(at) as string;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  for (const [from, to] of edges) {
    const [a, b] = [groupOf.get(from), groupOf.get(to)];
    if (a === undefined || b === undefined) continue;
    const [one, other] = [find(a), find(b)];
    if (one !== other) parent.set(other, one);
  }
  const parts = [...Map.groupBy(nodes, ({ group }) => find(group)).values()];
  const rootOf = new Map(nodes.map(({ id, group }) => [id, find(group)]));
  const byRoot = Map.groupBy(edges, ([from]) => rootOf.get(from) ?? '');
  return parts
    .map((own) => ({ nodes: own, edges: byRoot.get(rootOf.get(own[0]?.id ?? '') ?? '') ?? [] }))
    .sort((a, b) => b.nodes.length - a.nodes.length);
}
