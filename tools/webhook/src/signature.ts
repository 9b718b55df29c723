import { createHmac, timingSafeEqual } from 'node:crypto';

// The headers of https://www.standardwebhooks.com, so that receivers can verify with any of its libraries.

export interface SignOptions {
  readonly id: string;
  /** When this attempt was made, in seconds since the epoch. */
  readonly timestamp: number;
  readonly body: string;
  /** As it is; after `whsec_`, as base64. */
  readonly secret: string;
}

export interface Signed {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** The headers that say who sent a body, and when. */
export function sign({ id, timestamp, body, secret }: SignOptions): Signed {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${digest(`${id}.${timestamp}.${body}`, secret).toString('base64')}`,
  };
}

export interface VerifyOptions {
  readonly secret: string;
  /** Default: now. */
  readonly now?: Date;
  /** How far the clocks of both may be apart, in seconds. Older messages may be repetitions by somebody else. Default: 300. */
  readonly tolerance?: number;
}

export type Verified =
  | { readonly ok: true; readonly id: string; readonly sentAt: Date }
  | { readonly ok: false; readonly reason: 'headers-missing' | 'signature-wrong' | 'time-too-far' };

/**
 * For receivers: whether a body came from somebody who has the secret, and just now. `body` is the text as it came, not
 * what it was parsed to. A message may come twice, with the same id.
 */
export function verify(
  body: string,
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
  { secret, now = new Date(), tolerance = 300 }: VerifyOptions,
): Verified {
  const header = (name: string) =>
    headers instanceof Headers ? headers.get(name) : ([headers[name]].flat()[0] ?? null);
  const id = header('webhook-id');
  const timestamp = header('webhook-timestamp');
  const signatures = header('webhook-signature');
  if (!id || !timestamp || !signatures || !/^\d+$/.test(timestamp)) {
    return { ok: false, reason: 'headers-missing' };
  }
  const expected = digest(`${id}.${timestamp}.${body}`, secret);
  // Several, while a secret is being replaced by another.
  const isSigned = signatures.split(' ').some((signature) => {
    const [version, text = ''] = signature.split(',');
    const given = Buffer.from(text, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!isSigned) return { ok: false, reason: 'signature-wrong' };
  const sentAt = new Date(Number(timestamp) * 1000);
  if (!(Math.abs(now.getTime() - sentAt.getTime()) <= tolerance * 1000)) {
    return { ok: false, reason: 'time-too-far' };
  }
  return { ok: true, id, sentAt };
}

const PREFIX = 'whsec_';

function digest(text: string, secret: string): Buffer {
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : secret;
  return createHmac('sha256', key).update(text).digest();
}
