import {
  AssetError,
  type Duration,
  type JobEvent,
  type Json,
  type Message,
  type Messenger,
  type MessengerScope,
  milliseconds,
  type Sent,
} from '@nx-assets/core';
import { parseAddress } from '@nx-assets/http';
import { post } from './post.ts';
import { sign } from './signature.ts';
import { textOf } from './text.ts';

export interface WebhookOptions {
  /** What reports call it, and what tells it from the others of a job. Default: `webhook`. */
  readonly name?: string;
  /** Where it goes to. Of chat services the address itself is a secret: then name the variable that holds it. */
  readonly url: `http${string}` | { readonly env: string };
  /** The variable that holds what it is signed with. Without it, it is not signed. */
  readonly secret?: { readonly env: string };
  /** `slack`: one text, as chat services take it. `json`: the whole event. */
  readonly format: 'slack' | 'json';
  /** For one attempt. Default: `5s`. */
  readonly timeout?: Duration;
}

/**
 * Tells a receiver what became of a job. It is tried again, by this run and by the next, until the receiver has taken it
 * or refused it.
 *
 * Throws `JOB_INVALID` for an address that is none.
 */
export function webhook(options: WebhookOptions): Messenger {
  const { name = 'webhook', url, secret, format, timeout = '5s' } = options;
  if (typeof url === 'string') addressOf(url);
  return Object.freeze({
    type: 'messenger',
    name,
    env: [],
    secrets: [...(typeof url === 'string' ? [] : [url.env]), ...(secret ? [secret.env] : [])],
    compose: (event: JobEvent): Json => (format === 'slack' ? { text: textOf(event) } : documentOf(event)),
    async send({ id, body }: Message, { env, signal, now }: MessengerScope): Promise<Sent> {
      const text = JSON.stringify(body);
      const key = secret && env[secret.env];
      const timestamp = Math.floor(now.getTime() / 1000);
      const signed = key ? sign({ id, timestamp, body: text, secret: key }) : { 'webhook-id': id };
      try {
        const address = typeof url === 'string' ? addressOf(url) : addressOf(env[url.env] ?? '', url.env);
        return await post(address, text, { ...signed }, { signal, timeout: milliseconds(timeout) });
      } catch (error) {
        return { status: 'refused', problem: (error as Error).message };
      }
    },
  } as const);
}

function addressOf(url: string, variable?: string) {
  try {
    return parseAddress(url);
  } catch (error) {
    const what = variable === undefined ? 'The address of a webhook' : `What ${variable} holds`;
    throw new AssetError('JOB_INVALID', `${what} is not an http or https address.`, {
      remedy: 'Write it as https://host/path, or name the variable that holds it.',
      cause: error,
    });
  }
}

const documentOf = (event: JobEvent): Json => ({
  type: `job.${event.status}`,
  timestamp: event.finishedAt,
  data: event as unknown as Json,
});
