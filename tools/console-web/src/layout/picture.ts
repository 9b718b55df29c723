export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly (Box & { readonly name: string })[];
  /** The upper left corner of each card. */
  readonly cards: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly points: readonly Point[];
  }[];
}
export type Point = readonly [x: number, y: number];
