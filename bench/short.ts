// `npx node bench/short.ts`: what the nx-assets command costs when nothing is to do, at 17, 1 000 and 5 000 assets.
import { spawnSync } from 'node:child_process';
import { TestWorkspace } from '@nx-assets/testing';
import { referenceWorkspace } from '../tests/support/reference.ts';
import { measure, type Measurement } from './measure.ts';

const REPEATS = 5;
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Groups of 100 assets in 10 files each; every asset depends on two of the group before. */
function generated(count: number): TestWorkspace {
  const files: Record<string, string> = {};
  for (let group = 0; group < count / 100; group++) {
    const name = `g${group}`;
    const folder = `packages/${name}`;
    files[`${folder}/package.json`] = JSON.stringify({ name, 'nx-assets': {}, type: 'module' });
    const parts = Array.from({ length: 10 }, (_, part) => part);
    files[`${folder}/src/index.ts`] = parts.map((part) => `export * from './part${part}.ts';`).join('\n');
    for (const part of parts) {
      const used = new Set<number>();
      const assets = Array.from({ length: 10 }, (_, index) => {
        const number = part * 10 + index;
        const deps = group === 0 ? [] : [...new Set([number, (number * 7 + 3) % 100])];
        for (const dep of deps) used.add(dep);
        const list = deps.map((dep) => `up${dep}`).join(', ');
        return `export const a${number} = asset({ description: 'Asset ${number}.', deps: { ${list} }, value: z.int(), materialize: () => ${number} });`;
      });
      const names = [...used].map((dep) => `a${dep} as up${dep}`).join(', ');
      const up = names === '' ? '' : `import { ${names} } from '../../g${group - 1}/src/index.ts';\n`;
      files[`${folder}/src/part${part}.ts`] =
        `import { asset } from '@nx-assets/core';\nimport { z } from 'zod';\n${up}${assets.join('\n')}\n`;
    }
  }
  return new TestWorkspace(files);
}

async function bench(name: string, workspace: TestWorkspace): Promise<void> {
  try {
    const first = await workspace.nx(['run-many', '-t', 'materialize', '--outputStyle=static']);
    if (first.code !== 0) throw new Error(first.output.slice(-2_000));
    const command = [process.execPath, workspace.commandPath, 'materialize'];
    await measure(command, { cwd: workspace.root });
    const runs: Measurement[] = [];
    for (let round = 0; round < REPEATS; round++) runs.push(await measure(command, { cwd: workspace.root }));
    const median = (pick: (run: Measurement) => number) =>
      runs.map(pick).sort((a, b) => a - b)[REPEATS >> 1] ?? 0;
    const last = runs.at(-1)?.output.split('\n')[0] ?? '';
    say(
      `| ${name} | ${median((run) => run.cpu).toFixed(2)} | ${(median((run) => run.wall) / 1000).toFixed(2)} | ${Math.round(median((run) => run.peak) / 1e6)} | ${last} |`,
    );
  } finally {
    workspace.dispose();
  }
}

spawnSync('sync');
say('| assets | CPU s | wall s | peak MB | what it says |\n| ---: | ---: | ---: | ---: | --- |');
await bench('17', referenceWorkspace());
for (const count of process.argv.slice(2).map(Number)) await bench(String(count), generated(count));
