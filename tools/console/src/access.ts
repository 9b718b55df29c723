import { createHash, timingSafeEqual } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { AssetError } from '@nx-assets/core';
import type { Context, MiddlewareHandler } from 'hono';

export interface AccessOptions {
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
export function requireAccess({ token, hosts, password }: AccessOptions): MiddlewareHandler {
  // A proxy before us may speak TLS.
  const isOwn = (origin: string) =>
    /^https?:\/\//.test(origin) && hosts.has(origin.replace(/^https?:\/\//, ''));
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
export function checkBinding(host: string, names: readonly string[], password: string | null): void {
  if (password !== null || (LOOPBACK.has(host) && names.length === 0)) return;
  throw new AssetError(
    'COMMAND_INVALID',
    `Others could reach the console${names.length > 0 ? ` as ${names.join(', ')}` : ` on ${host}`} and start runs.`,
    {
      remedy: 'Set a password in NX_ASSETS_CONSOLE_PASSWORD, or leave --host and --name out.',
    },
  );
}

/** Addresses at which a server is reached that listens there: no name among them that somebody else could point here. */
export function addressesOf(host: string): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return all
    .filter(({ internal, family }) => !internal && (host === '::' || family === 'IPv4'))
    .map(({ address }) => address);
}

/** `host:port` as addresses have it. */
export const hostAndPort = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * How browsers may call a server that listens there: by the addresses of this machine, with the port; and by names that
 * were given, also without it, since a proxy may stand before us.
 */
export function hostsOf(host: string, port: number, names: readonly string[]): ReadonlySet<string> {
  const own = [...LOOPBACK, ...addressesOf(host)].map((one) => hostAndPort(one, port));
  const standard = port === 80 ? own.map((one) => one.slice(0, -':80'.length)) : [];
  const given = names.flatMap((name) => [name, `${name}:${port}`]);
  return new Set([...own, ...standard, ...given].map((one) => one.toLowerCase()));
}
