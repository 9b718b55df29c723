import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const repository = resolve(import.meta.dirname, '../..');

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  readonly language: string;
  /** The file that it says it is: a line before it that is only `path`: and nothing else. */
  readonly path: string | null;
  readonly text: string;
}

/** Workspace path of a page to its text. */
export const PAGES: ReadonlyMap<string, string> = new Map(
  [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    ...globSync('docs/**/*.md', { cwd: repository }).sort(),
  ].map((page) => [page.replaceAll('\\', '/'), readFileSync(join(repository, page), 'utf8')]),
);

export const BLOCKS: readonly Block[] = [...PAGES].flatMap(([page, text]) =>
  [...text.matchAll(/(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, path = null, language = '', block = '']) => ({ page, language, path, text: block }),
  ),
);

export const blocksOf = (page: string, language: string): readonly Block[] =>
  BLOCKS.filter((block) => block.page === page && block.language === language);

/** A page without its blocks. */
export const proseOf = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '');

/** Lines of a run without what differs from run to run: times, and how wide columns are. */
export const linesOfRun = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) =>
      line
        .replace(/(, in )?\b\d+(\.\d+)? (ms|s)\b/g, '')
        .replace(/ {2,}/g, '  ')
        .trim()
        .replace(/ {2}(run|cache|output)$/, ' $1'),
    )
    .filter((line) => line !== '' && line !== '…');

/** What pages show of runs: the blocks with a table in them. */
export const shownRuns = (...pages: readonly string[]): readonly string[] =>
  pages
    .flatMap((page) => blocksOf(page, 'text'))
    .filter(({ text }) => /^[✔·✖◌] /m.test(text))
    .flatMap(({ text }) => linesOfRun(text));
