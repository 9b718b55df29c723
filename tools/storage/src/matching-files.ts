import { readdirSync, statSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { isPattern } from '@nx-assets/core/data';
import { hashText } from './hash.ts';
import { OUTPUT } from './layout.ts';

/** Folders in which no pattern looks: what is in them is made anew. */
const SKIPPED = new Set(['node_modules', '.nx', '.git']);

/**
 * The files that a pattern matches, as sorted paths from the root, as is the pattern. Links to files count, links to folders are
 * not followed, and names that begin with a dot have to be asked for, as in a shell.
 */
export function matchingFiles(root: string, pattern: string): string[] {
  const parts = pattern.split('/');
  const first = parts.findIndex(isPattern);
  if (first === -1) return isFile(join(root, pattern)) ? [pattern] : [];
  const depth = parts.includes('**') || parts.some((part) => /[{(]/.test(part)) ? Infinity : parts.length;
  const matches = matcherOf(pattern);
  const found: string[] = [];
  const visit = (folder: string, level: number): void => {
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (level + 1 < depth && !SKIPPED.has(entry.name) && path !== OUTPUT) visit(path, level + 1);
      } else if (matches(path) && (entry.isFile() || isFile(join(root, path)))) found.push(path);
    }
  };
  visit(parts.slice(0, first).join('/'), first);
  return found.sort();
}

/** How the matches of a pattern are remembered: as a hash over their paths. */
export const globHash = (files: readonly string[]): string => `glob:${hashText(files.join('\n'))}`;

/**
 * Whether a path matches a pattern, as `matchesGlob` says it. That takes 20 ms until it has seen a thousand paths, which each nx
 * command would pay: patterns of stars alone are compared by an expression of our own.
 */
export function matcherOf(pattern: string): (path: string) => boolean {
  if (/[^\w\s./*?-]/.test(pattern)) return (path) => matchesGlob(path, pattern);
  const parts = pattern.split('/');
  const expression = parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    if (part === '**') return isLast ? `(?:${NAME}/)*${NAME}` : `(?:${NAME}/)*`;
    return expressionOf(part) + (isLast ? '' : '/');
  });
  const whole = new RegExp(`^${expression.join('')}$`);
  return (path) => whole.test(path);
}

/** A name that a star matches: not one that begins with a dot. */
const NAME = '(?!\\.)[^/]+';

function expressionOf(part: string): string {
  if (/^\*+$/.test(part)) return NAME;
  const text = part.replaceAll('.', '\\.').replace(/\*+/g, '[^/]*').replaceAll('?', '[^/]');
  return /^[*?]/.test(part) ? `(?!\\.)${text}` : text;
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // no folder, no matches
  }
}
