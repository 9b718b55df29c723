import { posix } from 'node:path';
import type { Unit, World } from './world.ts';

/** A file's content, or where a symbolic link points. */
export type Content = string | { readonly link: string };

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;

export const specifier = (from: string, to: string): string => {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
};

/** What is written while a world is, with who loads what. */
export class Writing {
  readonly files: Record<string, Content> = {};
  readonly packages: Record<string, string> = {};
  readonly imports: Record<string, string> = {};
  /** What a file loads; without files that only pass on, since what they pass on counts. */
  readonly loads = new Map<string, Set<string>>();
  /** Who changes the box of a file as it loads. */
  readonly setters = new Map<string, Set<string>>();

  readonly group: string;
  readonly world: World;

  constructor(group: string, world: World) {
    this.group = group;
    this.world = world;
  }

  get src(): string {
    return `packages/${this.group}/src`;
  }

  /** A file that code may open by its path. */
  dataPath(index: number): string {
    return `packages/${this.group}/data/d${index}.txt`;
  }

  load(from: string, to: string): void {
    this.loads.set(from, (this.loads.get(from) ?? new Set()).add(to));
  }

  set(from: string, to: string): void {
    this.load(from, to);
    this.setters.set(to, (this.setters.get(to) ?? new Set()).add(from));
  }

  /** The name that a package of this world is installed under. */
  packageOf(index: number): string {
    const unit = this.world.units[index];
    return unit?.kind === 'library' ? `@test/${this.group}-u${index}` : `${this.group}-u${index}`;
  }

  pathOf(index: number): string {
    const unit = this.world.units[index] as Unit;
    const name = unit.name === 0 ? `u${index}` : `u${index}_${unit.name}`;
    switch (unit.kind) {
      case 'package':
        return `node_modules/${this.packageOf(index)}/i.js`;
      case 'library':
        return `packages/${this.group}-u${index}/src/${unit.name % 2 === 0 ? 'even' : 'odd'}.ts`;
      default: {
        const extension = unit.kind === 'worker' ? 'mjs' : unit.kind;
        return `${this.src}/${unit.isMoved ? 'moved/' : ''}${name}.${extension}`;
      }
    }
  }
}
