import fc from 'fast-check';
import { type History, history, schedule, type Schedule } from './edits.ts';
import { type Difference, play, type Tally } from './lab.ts';

interface Options {
  readonly histories: number;
  /** The same seed plays the same histories. */
  readonly seed: number;
  /** How many share a workspace, and the way in which each step runs. */
  readonly together: number;
  readonly tell?: (line: string) => void;
}

export interface Played extends Tally {
  readonly text: string;
  readonly isGood: boolean;
}

/** What may run without need, of all that ran. */
const BOUND = 0.05;

/** Plays random histories. One that comes out wrong is made as small as it can be. */
export async function playMany({
  histories,
  seed,
  together,
  tell = () => undefined,
}: Options): Promise<Played> {
  const drawn = fc.sample(history, { seed, numRuns: histories });
  const schedules = fc.sample(schedule, { seed, numRuns: Math.ceil(histories / together) });
  const tally: Tally = { steps: 0, ran: 0, needless: [] };
  const wrong: string[] = [];
  for (const [index, how] of schedules.entries()) {
    const first = index * together;
    const some = drawn.slice(first, first + together);
    const found = await play(some, how, tell);
    tally.steps += found.steps;
    tally.ran += found.ran;
    tally.needless.push(...found.needless);
    tell(
      `${first + some.length} of ${histories} histories: ${found.differences.length} differences, ${tally.needless.length} of ${tally.ran} steps ran without need`,
    );
    for (const { key, step, why } of found.needless)
      tell(`without need, in step ${step + 1}: ${key}: ${why}`);
    const [difference] = found.differences;
    if (difference === undefined) continue;
    wrong.push(describe(difference));
    tell(describe(difference));
    wrong.push(await smallest(first + difference.history, how, seed, tell));
  }
  const share = tally.ran === 0 ? 0 : tally.needless.length / tally.ran;
  const text = [
    ...wrong,
    `${histories} histories of seed ${seed}: ${wrong.length / 2} with differences.`,
    `${tally.needless.length} of ${tally.ran} steps ran without need (${(share * 100).toFixed(1)} %); ${tally.steps - tally.ran} more were up to date.`,
  ].join('\n');
  return { ...tally, text, isGood: wrong.length === 0 && share < BOUND };
}

const describe = ({ history, step, mode, what }: Difference): string =>
  `History ${history} of its workspace, step ${step + 1} (${mode}): ${what}`;

/** fast-check draws the same history again, alone in its workspace, and takes from it whatever the fault does not need. */
async function smallest(
  index: number,
  how: Schedule,
  seed: number,
  tell: (line: string) => void,
): Promise<string> {
  const alone = fc.asyncProperty(history, async (one: History) => {
    const { differences } = await play([one], how);
    const [difference] = differences;
    if (difference !== undefined) tell(`still: ${difference.what.slice(0, 200)}`);
    return difference === undefined;
  });
  const { failed, counterexample } = await fc.check(alone, {
    seed,
    path: String(index),
    numRuns: 1,
    interruptAfterTimeLimit: 600_000,
    markInterruptAsFailure: true,
  });
  if (!failed || counterexample === null) return `Alone in a workspace, history ${index} is right.`;
  return `The smallest that is wrong: ${JSON.stringify(counterexample[0], null, 1)}\nIt runs: ${JSON.stringify(how)}`;
}
