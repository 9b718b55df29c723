import { isNewURL, placeIn, textIn } from './places.ts';
import {
  declaratorsIn,
  identifierIn,
  isSyntax,
  propertyIn,
  rootOf,
  type Syntax,
  unwrapped,
  walk,
} from './syntax.ts';

const THREADS = /^(?:node:)?worker_threads$/;
const PROCESSES = /^(?:node:)?child_process$/;
/** Functions that start a program, with what it is given: that may be a file of ours. */
const STARTS = new Set(['fork', 'spawn', 'spawnSync', 'execFile', 'execFileSync']);

/** Files that run in a thread or a process of their own: by where they are, and what names one that cannot be followed. */
export interface StartedFiles {
  readonly places: readonly string[];
  readonly opaque: readonly Syntax[];
}

/** Finds what `new Worker()`, `fork()` and the like run. Node's loader in this process sees nothing of it. */
export function startedFilesIn(statements: readonly Syntax[]): StartedFiles {
  const called = importedNames(statements);
  const places: string[] = [];
  const opaque: Syntax[] = [];
  for (const node of statements.flatMap((statement) => [...walk(statement)])) {
    if (node.type !== 'NewExpression' && node.type !== 'CallExpression') continue;
    const name = called(node.callee);
    const given = node.arguments as readonly unknown[];
    const first = unwrapped(given[0]);
    // Of another kind where it is given a name and no file, as the workers of a queue are.
    const isByURL = identifierIn(node.callee) === 'Worker' && first !== null && isNewURL(first);
    const isWorker = node.type === 'NewExpression' && (name === 'Worker' || isByURL);
    if (!isWorker && !STARTS.has(name ?? '')) continue;
    const found = given.flatMap((one) => placesIn(one));
    places.push(...found);
    // Other programs are nobody's code here.
    const isOurs = isWorker || name === 'fork';
    if (isOurs && found.length === 0 && !isKnown(given, statements)) opaque.push(node);
  }
  return { places, opaque };
}

/** Whether what runs is its text, or named elsewhere in the file in a way that is followed. */
function isKnown([first, options]: readonly unknown[], statements: readonly Syntax[]): boolean {
  const isText = isSyntax(options) && [...walk(options)].some((node) => identifierIn(node) === 'eval');
  if (isText) return true;
  const inner = unwrapped(first);
  // `import.meta.resolve('./x')`, alone or in `new URL()`.
  if (inner && [...walk(inner)].some(isResolve)) return true;
  const name = identifierIn(inner);
  const declared = declaratorsIn(statements).filter(({ id }) => name !== null && identifierIn(id) === name);
  return declared.some(
    ({ init }) => isSyntax(init) && (placesIn(init).length > 0 || [...walk(init)].some(isResolve)),
  );
}

const isResolve = (node: Syntax): boolean => {
  const callee = node.type === 'CallExpression' ? unwrapped(node.callee) : null;
  if (callee?.type !== 'MemberExpression' || propertyIn(callee) !== 'resolve') return false;
  return textIn((node.arguments as readonly unknown[])[0]) !== null;
};

/** The places that an expression names, however deep. */
const placesIn = (node: unknown): string[] =>
  isSyntax(node) ? [...walk(node)].flatMap((inner) => placeIn(inner) ?? []) : [];

/** Tells by what name Node exports what an expression names, of the two modules that start something. */
function importedNames(statements: readonly Syntax[]): (callee: unknown) => string | null {
  const names = new Map<string, string>();
  const spaces = new Set<string>();
  for (const { type, source, specifiers } of statements) {
    if (type !== 'ImportDeclaration') continue;
    const from = (source as { readonly value: string }).value;
    if (!THREADS.test(from) && !PROCESSES.test(from)) continue;
    for (const { type: kind, local, imported } of specifiers as readonly Syntax[]) {
      const name = identifierIn(local) ?? '';
      if (kind === 'ImportSpecifier') names.set(name, identifierIn(imported) ?? '');
      else spaces.add(name);
    }
  }
  // `const { Worker } = require('node:worker_threads')`.
  for (const { id, init } of declaratorsIn(statements)) {
    const call = unwrapped(init);
    const from = call?.type === 'CallExpression' ? textIn((call.arguments as readonly unknown[])[0]) : null;
    if (from === null || !(THREADS.test(from) || PROCESSES.test(from))) continue;
    const space = identifierIn(id);
    if (space !== null) spaces.add(space);
    else if (isSyntax(id) && id.type === 'ObjectPattern') {
      for (const { key, value } of id.properties as readonly Syntax[])
        names.set(identifierIn(value) ?? '', identifierIn(key) ?? '');
    }
  }
  return (callee) => {
    const inner = unwrapped(callee);
    if (inner?.type === 'MemberExpression') return spaces.has(rootOf(inner) ?? '') ? propertyIn(inner) : null;
    return names.get(identifierIn(inner) ?? '') ?? null;
  };
}
