import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Context } from 'hono';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** Whether an address is of a built file: these are called by their content, one folder deep. */
export const isFile = (path: string): boolean => /^\/(?:files\/)?[\w.-]+\.\w+$/.test(path);

/** The built pages: files by their names, and the one page for every other address. */
export class Pages {
  readonly #folder: string;
  readonly #page: string;

  /** Throws where there are no built pages. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#page = readFileSync(join(folder, 'index.html'), 'utf8');
  }

  async respond(context: Context): Promise<Response> {
    const { path } = context.req;
    // Nothing else is looked for on disk.
    const type = isFile(path) ? TYPES[extname(path)] : undefined;
    if (type !== undefined) {
      const content = await readFile(join(this.#folder, path)).catch(() => null);
      if (content === null) return context.text('Not found', 404);
      const isNamedByContent = path.startsWith('/files/');
      context.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
      return context.body(new Uint8Array(content), 200, { 'content-type': type });
    }
    context.header('cache-control', 'no-store');
    // Addresses are deep, and files are named from the root.
    return context.html(this.#page.replace('<head>', '<head><base href="/" />'));
  }
}
