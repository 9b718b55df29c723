// A small part of a workspace, as data: a group, the code that its assets load in every way that Node has, and what they
// make of it. `renderWorld` writes it as files. Numbers are as they were drawn, and are taken modulo what there is
// to choose from, so that each edit and each step of shrinking leaves a world that works.

export const UNIT_KINDS = ['ts', 'cjs', 'json', 'worker', 'package', 'library'] as const;
export const SHAPES = ['document', 'table', 'sql', 'file', 'pair'] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];
type Shape = (typeof SHAPES)[number];

/** Something that loads a unit that comes before it. */
export interface Link {
  readonly to: number;
  readonly way: number;
  /** What a helper between the two says, if it says something. */
  readonly version: number;
}

/** A unit whose box another file changes as it loads. */
interface Setting {
  readonly to: number;
  readonly rate: number;
}

/** A file of code, or an installed package. */
export interface Unit {
  readonly kind: UnitKind;
  readonly version: number;
  readonly comment: number;
  /** Counts its renames, and its moves between two folders. */
  readonly name: number;
  readonly isMoved: boolean;
  readonly links: readonly Link[];
  readonly settings: readonly Setting[];
}

interface Dep {
  readonly to: number;
  /** Which of the things that a dependent gets it reads. */
  readonly reads: number;
}

export interface AssetSpec {
  readonly shape: Shape;
  readonly isPartitioned: boolean;
  readonly isIsolated: boolean;
  /** Its value is one of two, so that most changes end here. */
  readonly isCoarse: boolean;
  /** Where it has no deps: it has a policy, and a refresh asks for it again. */
  readonly hasPolicy: boolean;
  /** Where its partitions are documents: each has what the one before it is. */
  readonly hasPrevious: boolean;
  /** The file that it opens by its path, of those that there are, or all of them by a glob. */
  readonly opens: number | 'all' | null;
  /** Declared in the same file as the asset before it. */
  readonly isTogether: boolean;
  readonly deps: readonly Dep[];
  readonly links: readonly Link[];
  readonly version: number;
  readonly comment: number;
  readonly name: number;
  /** Metadata, nullability, and the path of a file. */
  readonly unit: number;
  readonly nullable: boolean;
  readonly path: number;
}

export interface World {
  readonly units: readonly Unit[];
  readonly assets: readonly AssetSpec[];
  /** Files that no code loads, by what they hold. */
  readonly data: readonly number[];
  readonly isDaily: boolean;
  readonly partitions: number;
}
