// `node tests/histories/run.ts --histories 2000 --seed 17`: plays that many random histories, fifty in a workspace, and
// prints what came out wrong, the smallest that shows it, and how much ran without need.
import { parseArgs } from 'node:util';
import { playMany } from './play-many.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    together: { type: 'string', default: '50' },
  },
});
const { text, isGood } = await playMany({
  histories: Number(values.histories),
  seed: Number(values.seed),
  together: Number(values.together),
  tell: (line) => process.stdout.write(`${line}\n`),
});
process.stdout.write(`${text}\n`);
process.exitCode = isGood ? 0 : 1;
