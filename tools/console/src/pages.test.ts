import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Pages } from './pages.ts';

const PAGE = '<!doctype html><html><head><title>Console</title></head><body></body></html>';

function begin() {
  const folder = mkdtempSync(join(tmpdir(), 'console-pages-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'site/files/deep'), { recursive: true });
  writeFileSync(join(folder, 'secret.json'), 'secret');
  writeFileSync(join(folder, 'site/index.html'), PAGE);
  writeFileSync(join(folder, 'site/icon.svg'), '<svg/>');
  writeFileSync(join(folder, 'site/notes.txt'), 'notes');
  writeFileSync(join(folder, 'site/files/app-1a2b.js'), 'app();');
  writeFileSync(join(folder, 'site/files/font.woff2'), Buffer.from([0, 255, 128]));
  writeFileSync(join(folder, 'site/files/deep/x.js'), 'deep();');
  const pages = new Pages(join(folder, 'site'));
  const app = new Hono();
  app.get('*', (context) => pages.respond(context));
  return { folder: join(folder, 'site'), get: (path: string) => Promise.resolve(app.request(path)) };
}

describe('files', () => {
  test('that are called by their content are kept for good', async () => {
    const response = await begin().get('/files/app-1a2b.js');
    expect(await response.text()).toBe('app();');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  test('that are not are asked for again', async () => {
    const response = await begin().get('/icon.svg');
    expect(response.headers.get('content-type')).toBe('image/svg+xml');
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  test('come byte by byte', async () => {
    const response = await begin().get('/files/font.woff2');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 128]);
  });

  test('that are gone are not found, so that an old page does not run another page as a script', async () => {
    const response = await begin().get('/files/app-old.js');
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('Not found');
  });
});

describe('the page', () => {
  test.each([
    ['/'],
    ['/assets/lab/numbers'],
    ['/assets/lab/sales.v2'],
    ['/notes.txt'],
    ['/files/deep/x.js'],
    ['/%2e%2e/secret.json'],
    ['/files/..%2f..%2fsecret.json'],
    ['/files/%2e%2e%2f%2e%2e%2fsecret.json'],
    ['//secret.json'],
  ])('is what %s gives', async (path) => {
    const text = await (await begin().get(path)).text();
    expect(text).not.toBe('secret');
    if (!path.endsWith('secret.json')) expect(text).toContain('<title>Console</title>');
  });

  test('knows where its files are from, and is never kept', async () => {
    const response = await begin().get('/runs/r1');
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(PAGE.replace('<head>', '<head><base href="/" />'));
  });

  test('stays as it was when this began, while files are built anew', async () => {
    const { folder, get } = begin();
    writeFileSync(join(folder, 'index.html'), 'half of a pa');
    expect(await (await get('/')).text()).toContain('<title>Console</title>');
  });

  test('has to be there', () => {
    const { folder } = begin();
    rmSync(join(folder, 'index.html'));
    expect(() => new Pages(folder)).toThrow(/ENOENT/);
  });
});
