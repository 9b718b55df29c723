import processes from 'node:child_process';
import threads from 'node:worker_threads';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** With a command and its arguments, or with a line for a shell. */
const STARTS = ['spawn', 'spawnSync', 'fork', 'execFile', 'execFileSync', 'exec', 'execSync'] as const;

/**
 * From now on says what may be the path of a file that runs, or is read, elsewhere: every word that is given to a process, the
 * file of a worker, and a library that is loaded by `process.dlopen`. What these read themselves is not seen.
 */
export function watchStarts(tell: (path: string) => void): void {
  for (const name of STARTS) {
    const original = processes[name] as Callable;
    const isLine = name.startsWith('exec') && !name.startsWith('execFile');
    const wrapper: Callable = function (...args) {
      for (const word of wordsOf(args, isLine)) tell(word);
      return original.apply(this, args);
    };
    const custom = Reflect.get(original, promisify.custom) as Callable | undefined;
    // Its name, and what `util.promisify` looks for: for `exec` a function of its own, which cannot be replaced later.
    const facts = Object.getOwnPropertyDescriptors(original);
    const promised: Callable = function (...args) {
      for (const word of wordsOf(args, isLine)) tell(word);
      return custom?.apply(this, args);
    };
    Object.defineProperties(wrapper, {
      ...facts,
      ...(custom ? { [promisify.custom]: { value: promised } } : {}),
    });
    Reflect.set(processes, name, wrapper);
  }
  const worker = new Proxy(threads.Worker, {
    construct(target, args: unknown[], newTarget) {
      const [file, options] = args as [unknown, { readonly eval?: boolean } | undefined];
      if (options?.eval !== true) tell(pathOf(file));
      return Reflect.construct(target, args, newTarget as new () => unknown) as object;
    },
  });
  Reflect.set(threads, 'Worker', worker);
  const { dlopen } = process;
  Reflect.set(process, 'dlopen', function (this: unknown, ...args: Parameters<typeof dlopen>) {
    tell(pathOf(args[1]));
    return dlopen.apply(process, args);
  });
}

/** Paths are relative to the folder in which a process starts. */
function wordsOf([command, ...rest]: readonly unknown[], isLine: boolean): string[] {
  const given = rest.find((one) => Array.isArray(one)) as readonly unknown[] | undefined;
  const options = rest.find((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
  const { cwd, shell } = (options ?? {}) as { readonly cwd?: unknown; readonly shell?: unknown };
  const folder = pathOf(cwd);
  const all = [command, ...(given ?? [])].map(pathOf);
  const words = isLine || shell ? all.flatMap((text) => text.split(/[\s'"<>|;&=()]+/)) : all;
  // `--config=x`, too.
  const parts = words.flatMap((word) => [word, word.replace(/^--?[\w-]+=/, '')]);
  return [...new Set(parts)].filter((word) => word !== '').map((word) => resolve(folder, word));
}

/** Empty where it is no path. */
function pathOf(value: unknown): string {
  if (value instanceof URL) return value.protocol === 'file:' ? fileURLToPath(value) : '';
  return typeof value === 'string' ? value : '';
}
