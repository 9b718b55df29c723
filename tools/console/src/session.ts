import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { isFile } from './pages.ts';
import { Tries } from './tries.ts';

export interface SessionOptions {
  /** Signs in a browser whose first address has it; after that, a cookie does. Scripts send it as a bearer token. */
  readonly token: string;
  /** Signs in as well, where other machines can reach the server. */
  readonly password: string | null;
}

const hashOf = (text: string) => createHash('sha256').update(text).digest();

/** Lengths differ, so hashes are compared: equal time whatever is wrong. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(hashOf(given), hashOf(expected));

/**
 * Answers only those who know the token or the password. Every user of a machine can reach its ports, so this holds for
 * reading as well.
 */
export function requireSession({ token, password }: SessionOptions): MiddlewareHandler {
  const tries = new Tries();
  const session = hashOf(`session ${token}`).toString('base64url');
  const isKnown = (context: Context): boolean => {
    const [scheme, given = ''] = (context.req.header('authorization') ?? '').split(' ');
    if (scheme === 'Bearer') return isSame(given, token);
    if (scheme !== 'Basic' || password === null) return false;
    const text = Buffer.from(given, 'base64').toString('utf8');
    const isRight = isSame(text.slice(text.indexOf(':') + 1), password);
    tries.note(isRight);
    return isRight;
  };
  return async (context, next) => {
    const { req } = context;
    const cookie = cookieName(context);
    // Files of the built pages hold nothing of the workspace.
    if (isFile(req.path) || isSame(getCookie(context, cookie) ?? '', session)) return next();
    const wait = req.header('authorization')?.startsWith('Basic') ? tries.wait() : 0;
    if (wait > 0) {
      context.header('retry-after', String(Math.ceil(wait / 1000)));
      return refuse(context, 429, {
        code: 'TOO_MANY_TRIES',
        message: 'Too many wrong passwords.',
        remedy: `Try again in ${Math.ceil(wait / 1000)} s.`,
      });
    }
    const isByAddress = req.method === 'GET' && isSame(req.query('token') ?? '', token);
    if (isByAddress || isKnown(context)) {
      setCookie(context, cookie, session, { httpOnly: true, sameSite: 'Strict', path: '/' });
      if (!isByAddress) return next();
      // The token leaves the address bar, and is in no bookmark.
      const { pathname, searchParams } = new URL(req.url);
      searchParams.delete('token');
      // With two slashes at the start it would be the address of another server.
      return context.redirect(
        `/${pathname.replace(/^\/+/, '')}${searchParams.size > 0 ? `?${searchParams}` : ''}`,
        303,
      );
    }
    if (password === null)
      return refuse(context, 401, {
        code: 'SESSION_WANTED',
        message: 'This browser is not signed in to the console.',
        remedy: 'Open the address that the console printed when it started, with its token.',
      });
    context.header('www-authenticate', 'Basic realm="Nx Assets", charset="UTF-8"');
    return refuse(context, 401, {
      code: 'PASSWORD_WANTED',
      message: 'This console has a password.',
      remedy: 'Sign in with any user name and that password.',
    });
  };
}

/** Ports of a machine share their cookies: each console has one of its own. */
const cookieName = ({ req }: Context): string =>
  `nx-assets-${(req.header('host') ?? '').replaceAll(/[^\w.]/g, '-')}`;

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** In words for who opens a page, and as data for who asks for data. */
function refuse(context: Context, status: 401 | 429, refusal: Refusal): Response {
  if (context.req.method !== 'GET' || context.req.path.startsWith('/api/'))
    return context.json(refusal, status);
  const { message, remedy } = refusal;
  return context.html(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Nx Assets</title><h1>${message}</h1><p>${remedy}</p></html>`,
    status,
  );
}
