import type { Item } from './scene.ts';

export const CARD = { width: 206, height: 62 } as const;
export const HEADER = 40;
export const PADDING = 14;
export const BETWEEN_CARDS = 14;
export const BETWEEN_COLUMNS = 54;
export const BETWEEN_LAYERS = 56;
export const BETWEEN_BANDS = 26;
export const BETWEEN_PARTS = 48;
const LANE = 12;

/** How much of its column an item takes. */
export const heightOf = (item: Item): number => (item.isCard ? CARD.height : LANE);
