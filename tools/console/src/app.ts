import { AssetError } from '@nx-assets/core';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { type ConsoleApi, type Params, type Path, QUERIES } from './api.ts';
import { refuseForeign } from './access.ts';
import { EventQueue } from './event-queue.ts';
import type { Pages } from './pages.ts';
import { requestFrom } from './run-request.ts';
import { requireSession, type SessionOptions } from './session.ts';
import type { ErrorView } from './wire/index.ts';

/** How often a stream says that it is still there, so that either side notices when the other is not. */
const HEARTBEAT_MS = 15_000;
/** Longest body that is read, in bytes. */
const BODY = 1_000_000;

export interface AppOptions extends SessionOptions {
  /** `host:port` as browsers may write it. */
  readonly hosts: ReadonlySet<string>;
}

/** The console over HTTP: the answers, the stream of what happens, and the pages. */
export function appOf(api: ConsoleApi, pages: Pages, options: AppOptions): Hono {
  const app = new Hono();
  app.use(refuseForeign(options.hosts));
  app.use(requireSession(options));
  app.use(bodyLimit({ maxSize: BODY, onError: (context) => context.json(errorAnswer(tooLong())[1], 413) }));
  app.onError((error, context) => {
    const [status, view] = errorAnswer(error);
    return context.json(view, status);
  });

  for (const path of Object.keys(QUERIES) as Path[]) {
    app.get(path, async (context) => {
      const given = context.req.query();
      const query = Object.fromEntries(
        QUERIES[path].flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
      );
      context.header('cache-control', 'no-store');
      return context.json((await api.answers[path](context.req.param() as Params, query)) as object);
    });
  }

  app.get('/api/live', (context) => live(context, api));
  app.post('/api/plan', async (context) => context.json(await api.plan(requestFrom(await body(context)))));
  app.post('/api/runs', async (context) => context.json(await api.start(requestFrom(await body(context)))));
  app.post('/api/runs/:id/cancel', async (context) => {
    await api.cancel(context.req.param('id'));
    return context.json({});
  });
  app.all('/api/*', (context) =>
    context.json({ code: 'NOT_FOUND', message: 'Not found.', remedy: null }, 404),
  );
  app.get('*', (context) => pages.respond(context));
  return app;
}

async function body(context: Context): Promise<unknown> {
  try {
    return (await context.req.json()) as unknown;
  } catch {
    throw new AssetError('COMMAND_INVALID', 'The request is not JSON.');
  }
}

const tooLong = () => new AssetError('COMMAND_INVALID', 'The request is too long.');

/** What is wrong with what was asked, and not with this machine. */
const ASKED_WRONG = new Set<string>([
  'COMMAND_INVALID',
  'SELECTION_INVALID',
  'PARTITION_UNKNOWN',
  'PARTITION_NOT_ONE',
  'CONFIG_INVALID',
]);

function errorAnswer(error: Error): [status: 400 | 500, view: ErrorView] {
  if (!(error instanceof AssetError)) {
    return [500, { code: 'CONSOLE_FAILED', message: error.message, remedy: null }];
  }
  const { code, facts, remedy } = error;
  return [ASKED_WRONG.has(code) ? 400 : 500, { code, message: facts, remedy }];
}

const NUMBER = /^\d{1,15}$/;

/** Server-sent events: what a page has missed since the event that it names, and then what happens. */
function live(context: Context, api: ConsoleApi): Response {
  const { after, run } = context.req.query();
  // The browser's own word, when it connects again, is newer than the address.
  const last = context.req.header('last-event-id') ?? after ?? '';
  return streamSSE(context, async (stream) => {
    const queue = new EventQueue();
    const listener = { run: run ?? null, onEvent: queue.put };
    const leave = api.follow(listener);
    const beat = setInterval(() => queue.put(null), HEARTBEAT_MS);
    stream.onAbort(() => queue.close());
    try {
      // What happens while the past is read came after it: a step that has ended must not begin once more.
      if (NUMBER.test(last)) queue.putFirst(await api.since(Number(last), listener));
      await stream.write(': here\n\n');
      for await (const event of queue) {
        if (event === null) await stream.write(': still here\n\n');
        else await stream.writeSSE({ id: String(event.id), data: JSON.stringify(event.event) });
      }
    } finally {
      clearInterval(beat);
      leave();
    }
  });
}
