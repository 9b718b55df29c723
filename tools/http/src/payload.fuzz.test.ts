import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { AssetError } from '@nx-assets/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { download } from './download.ts';

/** What the server answers with next: chunks, and whether it breaks off instead of ending the answer. */
let answer: { headers: Record<string, string>; chunks: Uint8Array[]; breaks: boolean };
const server = createServer((_request, response) => {
  response.writeHead(200, answer.headers);
  for (const chunk of answer.chunks) response.write(chunk);
  if (answer.breaks) response.write(' ', () => response.socket?.destroy());
  else response.end();
});

let folder = '';
let address = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payload-fuzz-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const MAX_BYTES = 1000;

/** What lies on disk after a download, or the code of its error. Any other error, or a file beside one, is a bug. */
async function outcomeOf(): Promise<Buffer | string> {
  const path = join(folder, 'body.json');
  try {
    const signal = new AbortController().signal;
    const { bytes } = await download(address, path, { signal, retries: 0, maxBytes: MAX_BYTES });
    const saved = readFileSync(path);
    expect(bytes).toBe(saved.length);
    return saved;
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    expect(existsSync(path)).toBe(false);
    return error.code;
  }
}

const start = fc.constantFrom(
  '',
  '[',
  '[{"id":',
  '\ufeff[',
  '<',
  ' \n<!doctype html>',
  '\ufeff<',
  'null',
  '"\\ud800"',
);
const body = fc
  .tuple(
    start,
    fc.oneof(
      fc.json().map((json) => Buffer.from(json)),
      fc.uint8Array({ maxLength: 100 }),
      fc.nat({ max: 2 * MAX_BYTES }).map((size) => Buffer.alloc(size, ' ')),
      fc.nat({ max: MAX_BYTES }).map((depth) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))),
    ),
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));
const packing = fc.constantFrom(null, 'gzip', 'deflate');
const pack = (body: Buffer, by: string | null): Buffer =>
  by === 'gzip' ? gzipSync(body) : by === 'deflate' ? deflateSync(body) : body;
const headersOf = (type: string | null, by: string | null): Record<string, string> => ({
  ...(type === null ? {} : { 'content-type': type }),
  ...(by === null ? {} : { 'content-encoding': by }),
});

function inChunks(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

test('a body lands on disk as the server has it, or its error has a code, whatever is in it', async () => {
  const seen = new Set<string>();
  const types = fc.constantFrom(null, 'application/json', 'text/plain; charset=latin1', 'x', 'Text/HTML;');
  await fc.assert(
    fc.asyncProperty(
      body,
      types,
      packing,
      fc.array(fc.nat(), { maxLength: 3 }),
      async (body, type, by, cuts) => {
        answer = { headers: headersOf(type, by), chunks: inChunks(pack(body, by), cuts), breaks: false };
        const outcome = await outcomeOf();
        const isMarkup = body.toString('utf8').trimStart().startsWith('<');
        if (type?.startsWith('Text/HTML')) expect(outcome).toBe('HTTP_NOT_JSON');
        else if (body.length > MAX_BYTES) expect(outcome).toBe('HTTP_BODY_TOO_LARGE');
        else if (isMarkup) expect(outcome).toBe('HTTP_NOT_JSON');
        else expect(outcome).toEqual(body);
        seen.add(typeof outcome === 'string' ? outcome : 'saved');
      },
    ),
    { numRuns: fc.readConfigureGlobal().numRuns ?? 500 },
  );
  expect([...seen].sort()).toEqual(['HTTP_BODY_TOO_LARGE', 'HTTP_NOT_JSON', 'saved']);
}, 3_600_000);

test('a body that was damaged in its package, or breaks off, is never taken for another one', async () => {
  const damage = fc.record({
    at: fc.nat(),
    mask: fc.integer({ min: 0, max: 255 }),
    isCut: fc.boolean(),
    breaks: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), damage, async (value, { at, mask, isCut, breaks }) => {
      const rows = JSON.stringify([value]);
      const packed = gzipSync(rows);
      const byte = at % packed.length;
      if (!isCut) packed[byte] = (packed[byte] ?? 0) ^ mask;
      const headers = headersOf('application/json', 'gzip');
      answer = { headers, chunks: [isCut ? packed.subarray(0, byte) : packed], breaks };
      const outcome = await outcomeOf();
      if (typeof outcome === 'string') expect(outcome).toMatch(/^HTTP_/);
      // `fetch` takes a package without an end. Whoever reads the JSON misses its end, too.
      else expect(['no JSON', rows]).toContain(asJson(outcome));
    }),
    { numRuns: fc.readConfigureGlobal().numRuns ?? 500 },
  );
}, 3_600_000);

function asJson(bytes: Buffer): string {
  try {
    return JSON.stringify(JSON.parse(bytes.toString('utf8')));
  } catch {
    return 'no JSON';
  }
}
