import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { TestWorkspace } from '@nx-assets/testing';

export interface Reply<T> {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: T;
  readonly text: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What the stream of events said, and how to go on listening. */
export interface Stream {
  readonly events: readonly { readonly id: number; readonly event: LiveJson }[];
  /** Waits until something fits that it has not given yet, in whatever order things come. Throws after a minute. */
  until(fits: (event: LiveJson) => boolean): Promise<LiveJson>;
  close(): void;
}

type LiveJson = Readonly<Record<string, unknown>> & { readonly type: string };

const WAIT_MS = 60_000;

/** The console of a workspace, in a process of its own, as a person starts it. */
export class ConsoleServer {
  readonly address: string;
  /** What a person opens. */
  readonly signIn: string;
  readonly pid: number;
  readonly #ended: Promise<unknown>;

  private constructor(signIn: string, pid: number, ended: Promise<unknown>) {
    this.signIn = signIn;
    this.address = new URL(signIn).origin;
    this.pid = pid;
    this.#ended = ended;
  }

  static start(
    workspace: TestWorkspace,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<ConsoleServer> {
    return new Promise((resolve, reject) => {
      let pid = 0;
      let said = '';
      const ended = workspace.command(['console', '--port', '0', ...args], {
        env,
        onStart: (started) => (pid = started),
        onOutput: (text) => {
          said += text;
          const address = /http:\/\/\S+(?=\s)/.exec(said)?.[0];
          if (address) resolve(new ConsoleServer(address, pid, ended));
        },
      });
      ended.then(({ output }) => reject(new Error(output)), reject);
    });
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  /** What a script says to be let in. */
  get headers(): Readonly<Record<string, string>> {
    const token = new URL(this.signIn).searchParams.get('token');
    return token === null ? {} : { authorization: `Bearer ${token}` };
  }

  /** Asks as one who is let in, unless other headers are given. */
  call<T = unknown>(
    path: string,
    { method = 'GET', headers = this.headers, body }: CallOptions = {},
  ): Promise<Reply<T>> {
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: new URL(this.address).hostname,
          port: this.port,
          path,
          method,
          // A connection of its own: the server ends one that brings too much.
          agent: false,
          headers: { 'content-type': 'application/json', ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = response.headers['content-type']?.includes('json') ?? false;
            const parsed = (isJson ? JSON.parse(text) : null) as T;
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed, text });
          });
        },
      );
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  post<T = unknown>(path: string, body: unknown = {}): Promise<Reply<T>> {
    return this.call<T>(path, { method: 'POST', body });
  }

  /** Listens to what happens, after an event. */
  listen(query = ''): Stream {
    const events: { id: number; event: LiveJson }[] = [];
    let wake: () => void = () => undefined;
    let rest = '';
    const asked: ClientRequest = request(
      { host: '127.0.0.1', port: this.port, path: `/api/live${query}`, headers: this.headers },
      (response) => {
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          const parts = (rest + text).split('\n\n');
          rest = parts.pop() ?? '';
          for (const part of parts) {
            const data = /^data: (.*)$/m.exec(part)?.[1];
            const id = /^id: (\d+)$/m.exec(part)?.[1];
            if (data) events.push({ id: Number(id), event: JSON.parse(data) as LiveJson });
          }
          wake();
        });
        response.on('error', () => undefined);
      },
    );
    asked.on('error', () => undefined);
    asked.end();
    const given = new Set<LiveJson>();
    return {
      events,
      async until(fits) {
        const end = Date.now() + WAIT_MS;
        for (;;) {
          const found = events.find(({ event }) => !given.has(event) && fits(event));
          if (found) {
            given.add(found.event);
            return found.event;
          }
          if (Date.now() > end)
            throw new Error(`It never came. Said: ${JSON.stringify(events).slice(0, 2_000)}`);
          await Promise.race([
            new Promise<void>((resolve) => (wake = resolve)),
            new Promise((resolve) => setTimeout(resolve, 500)),
          ]);
        }
      },
      close: () => asked.destroy(),
    };
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    process.kill(this.pid, signal);
    await this.#ended.catch(() => undefined);
  }
}
