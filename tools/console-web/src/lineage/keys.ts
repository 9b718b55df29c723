import { CARD, type Layout } from '../layout/index.ts';

type Direction = 'left' | 'right' | 'up' | 'down';

export const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/**
 * The card that is next in a direction. Left and right follow edges where there are any; else, as up and down always do,
 * it is the nearest one there.
 */
export function nextCard(
  { cards, edges }: Layout,
  from: string | undefined,
  direction: Direction,
): string | undefined {
  const at = from === undefined ? undefined : cards.get(from);
  if (!at) return cards.keys().next().value;
  const joined =
    direction === 'right'
      ? edges.flatMap((edge) => (edge.from === from ? [edge.to] : []))
      : direction === 'left'
        ? edges.flatMap((edge) => (edge.to === from ? [edge.from] : []))
        : [];
  const candidates = joined.length > 0 ? joined : [...cards.keys()];
  const sign = direction === 'left' || direction === 'up' ? -1 : 1;
  const isLevel = direction === 'left' || direction === 'right';
  let best: { id: string; far: number } | undefined;
  for (const id of candidates) {
    const place = cards.get(id);
    if (!place || id === from) continue;
    const [dx, dy] = [place.x - at.x, place.y - at.y];
    const [along, across] = isLevel ? [dx * sign, Math.abs(dy)] : [dy * sign, Math.abs(dx)];
    if (along <= 0) continue;
    // What is out of line counts for more than what is far.
    const far = along + across * (isLevel ? 2 : 2 * (CARD.width / CARD.height));
    if (!best || far < best.far) best = { id, far };
  }
  return best?.id;
}
