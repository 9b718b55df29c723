import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import type { Rendered } from './render-world.ts';
import type { Content } from './writing.ts';

/** A workspace that shows what was rendered last. */
export class Tree {
  readonly workspace = new TestWorkspace();
  #shown: Readonly<Record<string, Content>> = {};

  show(rendered: readonly Rendered[]): void {
    const files = Object.fromEntries(rendered.flatMap((one) => Object.entries(one.files)));
    const { root } = this.workspace;
    for (const path of Object.keys(this.#shown))
      if (!(path in files)) rmSync(join(root, path), { force: true });
    for (const [path, content] of Object.entries(files)) {
      const before = this.#shown[path];
      if (JSON.stringify(before) === JSON.stringify(content)) continue;
      const absolute = join(root, path);
      if (typeof content !== 'string' || typeof before === 'object') rmSync(absolute, { force: true });
      mkdirSync(dirname(absolute), { recursive: true });
      if (typeof content === 'string') writeFileSync(absolute, content);
      else symlinkSync(content.link, absolute);
    }
    for (const { packages } of rendered)
      for (const [name, folder] of Object.entries(packages))
        if (!existsSync(join(root, 'node_modules', name))) this.workspace.link(name, folder);
    for (const { files: own } of rendered) {
      const group = Object.keys(own)
        .find((path) => path.endsWith('/src/index.ts'))
        ?.split('/')[1];
      if (group !== undefined && !existsSync(join(root, 'node_modules/@test', group)))
        this.workspace.link(`@test/${group}`, `packages/${group}`);
    }
    // As an install leaves it.
    const installed = Object.entries(files).filter(([path]) => path.startsWith('node_modules/'));
    const lock = createHash('sha256').update(JSON.stringify(installed)).digest('hex');
    this.workspace.write({ 'node_modules/.package-lock.json': JSON.stringify({ lock }) });
    this.#shown = files;
  }

  /** Content of all that lies in `output/`, by path. */
  values(): ReadonlyMap<string, Buffer> {
    const folder = join(this.workspace.root, 'output');
    if (!existsSync(folder)) return new Map();
    const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    return new Map(
      found.map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length + 1), readFileSync(path)];
      }),
    );
  }
}
