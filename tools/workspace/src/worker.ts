import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { createRequire } from 'node:module';
import { conditionsOfCommand } from './node-conditions.ts';

/**
 * Starts a worker: a file that its own package exports by `name`, so that it is found in the sources and in what is
 * published. `from` is the `import.meta.url` of a file of that package. It resolves packages as steps do.
 */
export const startWorker = (from: string, name: string, options: ForkOptions): ChildProcess =>
  fork(createRequire(from).resolve(name), [], {
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      ...conditionsOfCommand().map((name) => `--conditions=${name}`),
    ],
    ...options,
  });

/** How a worker ended. */
export interface WorkerEnd {
  /** `SIGKILL`, `exit 1`. */
  readonly how: string;
  readonly isTimeout: boolean;
  /** The last that it wrote to standard error. */
  readonly lastWords: string;
}

export interface WorkerRun<Message> {
  /** `import.meta.url` of a file of the worker's package. */
  readonly from: string;
  /** The name under which the package exports the worker. */
  readonly name: string;
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether what it prints is for people to see. Default: no. */
  readonly isHeard?: boolean;
  /** What it is to do: its first message. */
  readonly order: object;
  /** Milliseconds after which it is killed; `onMessage` may give it more. */
  readonly timeout?: number;
  /** Aborted, it is told to stop, and killed where it has not within `grace` milliseconds. */
  readonly signal?: AbortSignal;
  readonly grace?: number;
  /** What it says. A number that this returns is how many milliseconds it has from now on. */
  onMessage(message: Message): number | void;
}

/** Characters of standard error that are kept. */
const LAST_WORDS = 4_000;
/** Milliseconds to stop in, once told. */
const GRACE = 3_000;

/** Gives an order to a worker and waits until it has ended, all of its messages heard. Rejects only where it cannot start. */
export function runWorker<Message>(run: WorkerRun<Message>): Promise<WorkerEnd> {
  const { from, name, cwd, env, isHeard = false, order, timeout, signal, grace = GRACE, onMessage } = run;
  return new Promise((resolve, reject) => {
    const worker = startWorker(from, name, {
      cwd,
      stdio: ['ignore', isHeard ? 'inherit' : 'ignore', 'pipe', 'ipc'],
      ...(env ? { env } : {}),
    });
    let lastWords = '';
    let isTimeout = false;
    let timer: NodeJS.Timeout | undefined;
    const endIn = (milliseconds: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        isTimeout = true;
        worker.kill('SIGKILL');
      }, milliseconds);
    };
    if (timeout !== undefined) endIn(timeout);
    worker.stderr?.on(
      'data',
      (chunk: Buffer) => (lastWords = (lastWords + chunk.toString()).slice(-LAST_WORDS)),
    );
    worker.on('message', (message) => {
      const more = onMessage(message as Message);
      if (more !== undefined) endIn(more);
    });
    let killing: NodeJS.Timeout | undefined;
    const stop = () => {
      worker.kill('SIGTERM');
      killing = setTimeout(() => worker.kill('SIGKILL'), grace);
    };
    signal?.addEventListener('abort', stop);
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(killing);
      signal?.removeEventListener('abort', stop);
    };
    worker.on('error', (error) => {
      settle();
      reject(error);
    });
    worker.on('close', (code, killedBy) => {
      settle();
      resolve({ how: killedBy ?? `exit ${code}`, isTimeout, lastWords: lastWords.trim() });
    });
    if (signal?.aborted) stop();
    // One that has ended already is told nothing: `close` says how.
    worker.send(order, () => undefined);
  });
}
