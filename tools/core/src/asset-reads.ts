import { AssetError } from './diagnostics.ts';

/** Stands for the root of the workspace at the start of a pattern, as in the inputs of an Nx target. */
const WORKSPACE_ROOT = '{workspaceRoot}/';

/** Folders whose files no asset reads by pattern: `output/` is what deps are for, and the others are made anew. */
const FORBIDDEN = /(^|\/)(node_modules|\.nx|\.git)(\/|$)/;

/** Whether a pattern may match several files, or none; otherwise it is the path of one file. */
export const isPattern = (pattern: string): boolean => /[*?[\]{}]|[@+!]\(/.test(pattern);

/** A path as a pattern that matches it alone. */
export const escapePattern = (path: string): string => path.replace(/[[*?]/g, '[$&]');

const isRoot = (folder: string): boolean => folder === '' || folder === '.';

/** A pattern of an asset, from the root of the workspace; `folder` is that of its package. */
export function fromRoot(folder: string, pattern: string): string {
  if (pattern.startsWith(WORKSPACE_ROOT)) return pattern.slice(WORKSPACE_ROOT.length);
  return isRoot(folder) ? pattern : `${escapePattern(folder)}/${pattern}`;
}

/** The other way round: a pattern from the root, as an asset of a package in `folder` writes it. */
export function fromFolder(folder: string, pattern: string): string {
  if (isRoot(folder)) return pattern;
  const start = `${escapePattern(folder)}/`;
  return pattern.startsWith(start) ? pattern.slice(start.length) : WORKSPACE_ROOT + pattern;
}

/** Patterns of files in the workspace, each once. Throws `ASSET_OPTION_INVALID`. */
export function checkReads(reads: readonly string[] = []): readonly string[] {
  if (!Array.isArray(reads)) refuse(JSON.stringify(reads), 'is not a list');
  const patterns = reads.map((pattern) => {
    if (typeof pattern !== 'string' || pattern.trim() === '') refuse(JSON.stringify(pattern), 'is no path');
    return pattern.replace(/^(\.\/)+/, '');
  });
  for (const pattern of patterns) {
    const problem = problemOf(pattern);
    if (problem !== null) refuse(JSON.stringify(pattern), problem);
  }
  return [...new Set(patterns)];
}

function problemOf(pattern: string): string | null {
  const isFromRoot = pattern.startsWith(WORKSPACE_ROOT);
  const path = isFromRoot ? pattern.slice(WORKSPACE_ROOT.length) : pattern;
  if (path.includes('\\')) return 'has backslashes';
  if (/^(\/|[a-z]:|~)/i.test(path)) return 'is a path of this machine';
  if (path.startsWith('!')) return 'leaves files out';
  if (/^\{\w+\}\//.test(path)) return 'begins with a name that stands for nothing here';
  if (/(^|[/{,|(])\.\.?($|[/},|)])/.test(path)) return 'leads through "." or ".."';
  if (path.split('/').includes('')) return 'has an empty part';
  if (FORBIDDEN.test(path)) return 'is in a folder whose files are made anew';
  if (isFromRoot && /^output(\/|$)/.test(path)) return 'is in output/, where the values of assets are';
  return null;
}

function refuse(pattern: string, problem: string): never {
  throw new AssetError('ASSET_OPTION_INVALID', `reads: ${pattern} ${problem}.`, {
    remedy:
      'Name files from the folder of the package, for example data/*.csv, or from the root, for example {workspaceRoot}/shared/*.csv. What an asset reads of another asset goes into `deps`.',
  });
}
