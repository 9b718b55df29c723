/** A piece of a selection, from `start` up to `end`. What is quoted has its `text` without quotes and escapes. */
export interface Token {
  readonly type: 'word' | 'quoted' | '(' | ')' | '+' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}
