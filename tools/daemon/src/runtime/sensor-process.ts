import type { ChildProcess } from 'node:child_process';
import type { Seen } from '@nx-assets/core/automation';
import { startWorker } from '@nx-assets/workspace/worker';
import type { SensorAnswer, SensorOrder } from './sensor-worker.ts';

/** What became of one call. `lost` says what ended the process before it answered, and whether others were in it. */
export type Called =
  | { readonly seen: Seen }
  | { readonly failed: string }
  | { readonly lost: string; readonly isAlone: boolean };

/** How much longer than its time a check may take before its process is ended. Milliseconds. */
const GRACE = 1_000;

interface Call {
  readonly name: string;
  readonly timer: NodeJS.Timeout;
  resolve(called: Called): void;
}

/** A process in which functions of sensors are called. It loads their definitions once. */
export class SensorProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, Call>();
  #last = 0;
  #isRetired = false;

  readonly #onEnd: (process: SensorProcess) => void;

  constructor(
    root: string,
    say: (name: string, message: string) => void,
    onEnd: (process: SensorProcess) => void,
  ) {
    this.#onEnd = onEnd;
    this.#child = startWorker(import.meta.url, '@nx-assets/daemon/runtime/sensor-worker', {
      cwd: root,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (answer: SensorAnswer) => {
      const call = this.#calls.get(answer.call);
      if (!call) return;
      if ('log' in answer) say(call.name, answer.log);
      else this.#settle(answer.call, 'seen' in answer ? { seen: answer.seen } : { failed: answer.failed });
    });
    this.#child.on('exit', () => this.end('its process ended: look for `process.exit`.'));
    // It is gone, or goes now: what ends a process says so.
    this.#child.on('error', () => undefined);
  }

  get isUsable(): boolean {
    return this.#child.connected && !this.#isRetired;
  }

  /** Calls one function. Never rejects. */
  call(order: Omit<SensorOrder, 'call'>): Promise<Called> {
    const call = ++this.#last;
    const { name, timeout } = order;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.end(`it took longer than ${timeout / 1_000} s.`), timeout + GRACE);
      this.#calls.set(call, { name, timer, resolve });
      this.#child.send({ ...order, call } satisfies SensorOrder);
    });
  }

  /** Ends as soon as everything in it has been answered. */
  retire(): void {
    this.#isRetired = true;
    if (this.#calls.size === 0) this.end('');
  }

  /** Ends it now. Nobody can know which of several functions was to blame. */
  end(problem: string): void {
    this.#isRetired = true;
    this.#onEnd(this);
    this.#child.removeAllListeners('exit');
    this.#child.kill('SIGKILL');
    const isAlone = this.#calls.size === 1;
    for (const call of [...this.#calls.keys()]) this.#settle(call, { lost: problem, isAlone });
  }

  #settle(call: number, called: Called): void {
    const found = this.#calls.get(call);
    if (!this.#calls.delete(call)) return;
    clearTimeout(found?.timer);
    found?.resolve(called);
    if (this.#isRetired && this.#calls.size === 0 && !('lost' in called)) this.end('');
  }
}
