import { createHash, timingSafeEqual } from 'node:crypto';
import { AssetError } from '@nx-assets/core';
import type { Context, MiddlewareHandler } from 'hono';

export interface GuardOptions {
  /** What a page must know to change anything: it is in the page that this server gave out. */
  readonly token: string;
  /** `host:port` as browsers may write it. */
  readonly hosts: ReadonlySet<string>;
  /** Asked of everybody where others can reach the server. */
  readonly password: string | null;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  // With `no-referrer` a browser would call the origin of our own pages `null`.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** Lengths differ, so hashes are compared: equal time whatever is wrong. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

const refuse = (context: Context, status: 401 | 403, code: string, message: string, remedy: string) =>
  context.json({ code, message, remedy }, status);

/**
 * Lets through what comes from a page of this server. The name in `Host` stops a foreign page whose name was made to
 * point here; `Origin` stops foreign pages that name us; the token stops what comes without any page.
 */
export function guard({ token, hosts, password }: GuardOptions): MiddlewareHandler {
  const isOwn = (origin: string) => origin.startsWith('http://') && hosts.has(origin.slice('http://'.length));
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const host = context.req.header('host')?.toLowerCase();
    if (host === undefined || !hosts.has(host)) {
      return refuse(
        context,
        403,
        'HOST_REFUSED',
        `This server is not ${host ?? 'nameless'}.`,
        'Open it by the address that it printed.',
      );
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && !isOwn(origin)) {
      return refuse(context, 403, 'ORIGIN_REFUSED', 'Another page asked.', 'Open the console itself.');
    }
    if (password !== null && !isKnown(context, password)) {
      context.header('www-authenticate', 'Basic realm="Nx Assets", charset="UTF-8"');
      return refuse(
        context,
        401,
        'PASSWORD_WANTED',
        'This console has a password.',
        'Any name, and the password.',
      );
    }
    const reads = context.req.method === 'GET' || context.req.method === 'HEAD';
    if (!reads && !isSame(context.req.header('x-nx-assets-token') ?? '', token)) {
      return refuse(
        context,
        403,
        'TOKEN_WRONG',
        'This page is from before the console was started again.',
        'Reload the page.',
      );
    }
    return next();
  };
}

function isKnown(context: Context, password: string): boolean {
  const [scheme, given = ''] = (context.req.header('authorization') ?? '').split(' ');
  if (scheme !== 'Basic') return false;
  const text = Buffer.from(given, 'base64').toString('utf8');
  return isSame(text.slice(text.indexOf(':') + 1), password);
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Throws `COMMAND_INVALID` where others could reach the server, and nobody asked for a password. */
export function checkBinding(host: string, password: string | null): void {
  if (LOOPBACK.has(host) || password !== null) return;
  throw new AssetError('COMMAND_INVALID', `Others could reach the console on ${host} and start runs.`, {
    remedy: 'Set a password in NX_ASSETS_CONSOLE_PASSWORD, or leave --host out.',
  });
}

/** How browsers may call a server that listens there: by the addresses of this machine, and by names that were given. */
export function hostsOf(host: string, port: number, names: readonly string[]): ReadonlySet<string> {
  const bracketed = (name: string) => (name.includes(':') ? `[${name}]` : name);
  const all = [...LOOPBACK, ...(LOOPBACK.has(host) ? [] : [host, ...names])];
  return new Set(all.flatMap((name) => [`${bracketed(name).toLowerCase()}:${port}`]));
}
