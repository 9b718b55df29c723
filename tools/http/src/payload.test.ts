import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AssetError } from '@nx-assets/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { download } from './download.ts';

/** `FUZZ_RUNS=5000` looks longer. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
const folder = mkdtempSync(join(tmpdir(), 'payload-'));
const path = join(folder, 'body');
let answer: Answer;
const server = createServer((_request, response) => {
  const { status, headers, body, cut } = answer;
  response.writeHead(status, headers);
  if (cut === null) return response.end(body);
  return response.write(body.subarray(0, cut), () => response.socket?.destroy());
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** Bytes after which the connection breaks. */
  readonly cut: number | null;
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array)),
  fc.json().map((text) => Buffer.from(text)),
  fc.json().map((text) => gzipSync(text)),
  fc.constantFrom('', '<', ' <html>', '\ufeff[]', '[{"id":1', 'null', '\0').map((text) => Buffer.from(text)),
);
const answers: fc.Arbitrary<Answer> = fc
  .record({
    status: fc.constantFrom(200, 200, 200, 201, 204, 206, 302, 304, 400, 404, 418, 429, 500, 503),
    body: bytes,
    cut: fc.option(fc.nat({ max: 2_000 }), { freq: 3 }),
    claims: fc.option(fc.nat({ max: 3_000 })),
    type: fc.constantFrom(null, 'application/json', 'text/plain', 'text/html', 'nonsense', ''),
    encoding: fc.constantFrom(null, null, 'gzip', 'br', 'identity', 'nonsense'),
    retry: fc.constantFrom(null, '0', '-1', 'soon', 'Mon, 01 Jan 2024 00:00:00 GMT'),
  })
  .map(({ status, body, cut, claims, type, encoding, retry }) => ({
    status,
    body,
    cut,
    headers: Object.fromEntries(
      Object.entries({
        'content-length': claims === null ? null : String(Math.max(claims, body.length)),
        'content-type': type,
        'content-encoding': encoding,
        'retry-after': retry,
      }).filter((entry): entry is [string, string] => entry[1] !== null),
    ),
  }));

test('whatever a server answers, the whole body lies there, or an error says why and nothing does', async () => {
  let whole = 0;
  await fc.assert(
    fc.asyncProperty(answers, async (given) => {
      answer = given;
      const { port } = server.address() as AddressInfo;
      const options = {
        signal: new AbortController().signal,
        retries: 1,
        backoff: 1,
        timeout: 300,
        maxBytes: 1_500,
      };
      try {
        const { bytes: size } = await download(`http://127.0.0.1:${port}/rows`, path, options);
        const body = readFileSync(path);
        expect(body.length).toBe(size);
        expect(size).toBeLessThanOrEqual(1_500);
        if (given.headers['content-encoding'] === undefined && ![204, 304].includes(given.status)) {
          expect(body).toEqual(given.body);
        }
        expect(given.status).toBeLessThan(300);
        whole++;
      } catch (error) {
        if (!(error instanceof AssetError)) throw error;
        expect(error.code).toMatch(/^HTTP_(FAILED|NOT_JSON|BODY_TOO_LARGE)$/);
        expect(error.message).toContain(`http://127.0.0.1:${port}/rows`);
        expect(existsSync(path)).toBe(false);
      }
    }),
    { numRuns: RUNS },
  );
  expect(whole).toBeGreaterThan(0);
}, 600_000);
