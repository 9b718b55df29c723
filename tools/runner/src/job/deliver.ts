import { setTimeout as sleep } from 'node:timers/promises';
import { type Messenger, toControl, waitBefore } from '@nx-assets/core';
import { localLocks } from '@nx-assets/engine/execution';
import { forgetMessage, isKept, type KeptMessage } from './outbox.ts';

/** Attempts come until time is over; the wait between them grows to this. */
const CONTROL = toControl({ retry: { attempts: 100, backoff: '0.5s', maxBackoff: '5s', jitter: 0.5 } });

export interface DeliverOptions {
  readonly root: string;
  readonly messenger: Messenger;
  readonly message: KeptMessage;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when time is over. */
  readonly signal: AbortSignal;
  /** When time will be over: nobody waits for an attempt that would come later. Milliseconds since the epoch. */
  deadline(): number;
  readonly random: () => number;
}

export type Delivery =
  { readonly status: 'delivered' } | { readonly status: 'kept' | 'refused'; readonly problem: string };

/** Sends a message until it is delivered, refused, or time is over. What is not settled then stays in the outbox. */
export async function deliver(options: DeliverOptions): Promise<Delivery> {
  const { root, messenger, message, env, signal, deadline, random } = options;
  let problem = 'no time was left';
  try {
    // Of two runs that find it in the outbox, one sends it.
    const lock = await localLocks(root).take(`message ${message.id}`, 1, signal);
    try {
      for (let attempt = 1; isKept(root, message.id); attempt++) {
        const sent = await messenger.send(message, { env, signal, now: new Date() });
        if (sent.status !== 'failed') {
          forgetMessage(root, message.id);
          return sent;
        }
        ({ problem } = sent);
        const wait = sent.retryAfter ?? waitBefore(attempt + 1, CONTROL, random());
        if (Date.now() + wait >= deadline()) return { status: 'kept', problem };
        await sleep(wait, undefined, { signal });
      }
      return { status: 'delivered' };
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!signal.aborted) problem = error instanceof Error ? error.message : String(error);
    return { status: 'kept', problem };
  }
}
