import { networkInterfaces } from 'node:os';
import { AssetError } from '@nx-assets/core';
import type { Context, MiddlewareHandler } from 'hono';

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

const refuse = (context: Context, code: string, message: string, remedy: string) =>
  context.json({ code, message, remedy }, 403);

/**
 * Refuses what comes from elsewhere. The name in `Host` stops a foreign page whose name was made to point here; `Origin`
 * and `Sec-Fetch-Site` stop foreign pages that name us. Who is asking is another question: `requireSession`.
 *
 * @param hosts `host:port` as browsers may write it
 */
export function refuseForeign(hosts: ReadonlySet<string>): MiddlewareHandler {
  // A proxy before us may speak TLS.
  const isOwn = (origin: string) =>
    /^https?:\/\//.test(origin) && hosts.has(origin.replace(/^https?:\/\//, ''));
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const host = context.req.header('host')?.toLowerCase();
    if (host === undefined || !hosts.has(host)) {
      const message = `This server is not ${host ?? 'nameless'}.`;
      return refuse(context, 'HOST_REFUSED', message, 'Open it by the address that it printed.');
    }
    const origin = context.req.header('origin');
    if ((origin !== undefined && !isOwn(origin)) || isFetchedElsewhere(context))
      return refuse(context, 'ORIGIN_REFUSED', 'Another page asked.', 'Open the console itself.');
    return next();
  };
}

/** Another page asks for something, another port of this machine included; it may link to a page of ours. */
function isFetchedElsewhere({ req }: Context): boolean {
  const site = req.header('sec-fetch-site') ?? 'none';
  if (site === 'same-origin' || site === 'none') return false;
  return req.method !== 'GET' || req.header('sec-fetch-mode') !== 'navigate' || req.path.startsWith('/api/');
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
