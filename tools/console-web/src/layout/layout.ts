import { componentsOf } from './components.ts';
import { measure } from './measure.ts';
import type { Layout } from './picture.ts';
import { type Edge, type Node, sceneOf } from './scene.ts';
import { settle } from './settle.ts';
import { stack } from './stack.ts';

/**
 * A layered picture, from left to right: groups in layers, cards in columns of their group, and for each edge a free lane
 * in whatever it passes. Nothing overlaps by construction: a band has the whole width of its layer for itself. The same
 * input gives the same picture.
 */
export function layOut(nodes: readonly Node[], edges: readonly Edge[]): Layout {
  const parts = componentsOf(nodes, edges).map((part) => draw(part.nodes, part.edges));
  return stack(parts);
}

function draw(nodes: readonly Node[], edges: readonly Edge[]): Layout {
  const scene = sceneOf(nodes, edges);
  settle(scene);
  return measure(scene);
}
