// `npm run bench`: measures everything, and writes what came out to README.md beside this file. About fifteen minutes on
// two cores. `npm run bench -- scale` measures one part, and `npm run bench -- --small` tries every part with little
// data, so that none rots; these two write nothing.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as flow from './flow.ts';
import { type Line, rowOf } from './lines.ts';
import { writeReport } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { small: { type: 'boolean', default: false } },
});
const { small } = values;
const [only] = positionals;
const size: flow.Size = small
  ? { repeats: 1, users: 100, posts: 1_000 }
  : { repeats: 5, users: 100_000, posts: 1_000_000 };

const { assets, plain, runCommands, inference, scale } = flow;
const parts = { assets, plain, runCommands, inference, scale };
/** Scripts of their own, with their arguments: all, and with little. */
const scripts: Readonly<Record<string, readonly [full: readonly string[], small: readonly string[]]>> = {
  sizes: [['1000', '5000'], ['100']],
  checks: [['1000000'], ['1000']],
  schemas: [['1000000'], ['1000']],
  partitions: [['100000'], ['50']],
  automation: [['1000'], ['100']],
  history: [['1000000'], ['4000']],
  console: [[], ['--small']],
};

function outputOf(name: string, args: readonly string[]): Promise<string> {
  process.stdout.write(`\n${name} ${args.join(' ')}\n`);
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
    process.stdout.write(text);
  });
  return new Promise((resolve, reject) =>
    child.on('close', (code) =>
      code === 0 ? resolve(output.trim()) : reject(new Error(`bench/${name}.ts failed (${code}).`)),
    ),
  );
}

const known = [...Object.keys(parts), ...Object.keys(scripts)];
if (only !== undefined && !known.includes(only))
  throw new Error(`There is no part ${only}. Parts: ${known.join(', ')}.`);

const lines: Line[] = [];
for (const [name, part] of Object.entries(parts))
  if (only === undefined || only === name) lines.push(...(await part(size)));
for (const line of lines) process.stdout.write(`${rowOf(line)}\n`);
const tables: Record<string, string> = {};
for (const [name, args] of Object.entries(scripts))
  if (only === undefined || only === name) tables[name] = await outputOf(name, args[small ? 1 : 0]);
if (only === undefined && !small) writeReport(lines, tables);
