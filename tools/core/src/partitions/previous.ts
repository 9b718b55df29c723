/** Stands among the deps of an asset for its own partition before. */
export interface Previous {
  readonly type: 'previous';
}

/**
 * The partition before, of the asset that depends on it: the window before, or the key before in the list. A step gets its
 * table, its document or its file; the first one a table without rows, or `undefined`. So partitions are made in order.
 */
export const previous = (): Previous => PREVIOUS;

const PREVIOUS: Previous = Object.freeze({ type: 'previous' });

export const isPrevious = (value: unknown): value is Previous =>
  typeof value === 'object' && value !== null && (value as Partial<Previous>).type === 'previous';
