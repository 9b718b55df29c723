// `npx node bench/sizes.ts 1000 5000`: what a run costs at 17, 1 000 and 5 000 assets, in CPU seconds: everything
// computed, nothing changed, and nothing changed by our own command, which answers without nx.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { TestWorkspace } from '@nx-assets/testing';
import { referenceWorkspace } from '../tests/support/reference.ts';
import { cpuOf, type Line, wallOf } from './lines.ts';
import { measure, type Measurement } from './measure.ts';

const REPEATS = 3;
const NX = createRequire(import.meta.url).resolve('nx/bin/nx.js');
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

/** What each command cost, as a row: CPU seconds, and for the last one how long it takes as well. */
async function row(name: string, workspace: TestWorkspace): Promise<string> {
  const nx = [process.execPath, NX, 'run-many', '-t', 'materialize', '--outputStyle=static'];
  const command = [process.execPath, workspace.commandPath, 'materialize'];
  const times = async (argv: readonly string[], before: (round: number) => void): Promise<Line> => {
    const runs: Measurement[] = [];
    for (let round = 0; round < REPEATS; round++) {
      before(round);
      const run = await measure(argv, { cwd: workspace.root, env: { NX_ISOLATE_PLUGINS: 'false' } });
      runs.push(run);
    }
    return { name, runs };
  };
  try {
    await measure(nx, { cwd: workspace.root, env: { NX_ISOLATE_PLUGINS: 'false' } });
    const cold = await times(nx, () =>
      workspace.remove('output').remove('.nx/cache').remove('.nx/workspace-data'),
    );
    const unchanged = await times(nx, () => undefined);
    const short = await times(command, () => undefined);
    const seconds = (line: Line) => cpuOf(line).toFixed(2);
    const peak = (line: Line) => Math.round(Math.max(...line.runs.map((run) => run.peak)) / 1e6);
    return `| ${name} | ${seconds(cold)} | ${peak(cold)} | ${seconds(unchanged)} | ${seconds(short)} | ${(wallOf(short) / 1000).toFixed(2)} |`;
  } finally {
    workspace.dispose();
  }
}

spawnSync('sync');
say(
  '| assets | cold | peak MB | nothing changed | nx-assets, nothing changed | its wall s |\n| ---: | ---: | ---: | ---: | ---: | ---: |',
);
say(await row('17', referenceWorkspace()));
for (const count of process.argv.slice(2).map(Number)) say(await row(String(count), generated(count)));
