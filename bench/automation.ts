// `npx node bench/automation.ts [assets]`: what a tick of the daemon costs over a workspace of 1 000 assets, each with
// a condition, of which everything is up to date; and over the same with a thousandth of the data changed. CPU seconds
// of this process, user and system, the disk cache warm.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Daemon } from '@nx-assets/daemon';
import { TestWorkspace } from '@nx-assets/testing';
import { runContext } from '../tools/workspace/src/run-context.ts';
import { openPorts } from '../tools/daemon/src/runtime/ports.ts';

const ASSETS = Number(process.argv[2] ?? 1_000);
const GROUPS = 10;
const TICKS = 20;

/** Groups of which each asset is made from two of the one before. */
function source(group: number): string {
  const names = Array.from({ length: ASSETS / GROUPS }, (_, index) => `a${group}_${index}`);
  const before = (index: number) => `a${group - 1}_${index % names.length}`;
  const imports = group === 0 ? '' : `import * as up from '@test/g${group - 1}';`;
  const assets = names.map((name, index) => {
    const deps = group === 0 ? [] : [before(index), before(index + 1)];
    return `export const ${name} = asset({
  description: 'A number.', value: z.int(), automation: eager(),
  deps: { ${deps.map((dep) => `${dep}: up.${dep}`).join(', ')} },
  materialize: () => ${index},
});`;
  });
  return [
    `import { asset } from '@nx-assets/core';`,
    `import { eager } from '@nx-assets/core/automation';`,
    `import { z } from 'zod';`,
    imports,
    ...assets,
  ].join('\n');
}

const workspace = new TestWorkspace();
for (let group = 0; group < GROUPS; group++) workspace.group(`g${group}`, { 'index.ts': source(group) });

const seconds = (from: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};
const say = (text: string) => process.stdout.write(`${text}\n`);
const format = (number: number) => number.toFixed(3);

try {
  const made = await workspace.nx(['run-many', '-t', 'materialize']);
  if (made.code !== 0) throw new Error(made.output.slice(-2_000));
  process.chdir(workspace.root);
  let nothing = 0;
  let requested = 0;
  const told = {
    event: (event: { type: string; decisions?: { ticks: readonly { outcome: string }[] } }) => {
      const outcomes = event.decisions?.ticks.map(({ outcome }) => outcome) ?? [];
      nothing = outcomes.filter((outcome) => outcome === 'nothing').length;
      requested = outcomes.filter((outcome) => outcome === 'requested').length;
    },
    log: () => undefined,
    problem: (error: Error | null) => {
      if (error) throw error;
    },
  };
  const real = await openPorts(
    runContext(workspace.root),
    join(import.meta.dirname, '../tools/nx-assets/src/cli.ts'),
    told,
    () => undefined,
  );
  // Nothing is launched: this is about deciding.
  const ports = { ...real.ports, launch: () => undefined };
  const options = { owner: randomUUID(), me: real.me, ttl: 30_000, every: 0, most: 1 };
  const daemon = new Daemon(ports, options);
  const tick = async (expected: number) => {
    const from = process.cpuUsage();
    await daemon.turn();
    const took = seconds(from);
    if (nothing !== ASSETS - expected || requested !== expected)
      throw new Error(`${nothing} came to nothing and ${requested} were requested.`);
    return took;
  };
  const first = await tick(0);
  const later: number[] = [];
  for (let round = 0; round < TICKS; round++) later.push(await tick(0));
  later.sort((a, b) => a - b);
  say(
    `${ASSETS} assets, all up to date: first tick ${format(first)} CPU s, then ${format(later[TICKS / 2] ?? 0)}`,
  );
  say(`(median of ${TICKS}; from ${format(later[0] ?? 0)} to ${format(later.at(-1) ?? 0)})`);
  // One number is another one: two are made from it.
  workspace.edit('output/g0/a0_7.record.json', (text) =>
    text.replace(/"dataVersion": "[0-9a-f]{64}"/, `"dataVersion": "${'0'.repeat(64)}"`),
  );
  say(`one of them with other data: ${format(await tick(2))} CPU s, two requested`);
  await real.close();
} finally {
  process.chdir('/');
  workspace.dispose();
}
