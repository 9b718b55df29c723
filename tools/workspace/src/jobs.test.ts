import type { OtherManifest } from '@nx-assets/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { chooseJob, describeSchedule, partsOf, planJob } from './jobs.ts';
import { lastOthers } from './manifest.ts';
import { DAYS, make, makeLab, NUMBERS, openLab, SIZED, TOTAL } from './test-support.ts';

type JobManifest = Extract<OtherManifest, { type: 'job' }>;

const lab = makeLab();
let jobs: readonly JobManifest[];
beforeAll(async () => {
  await openLab(lab.root);
  jobs = lastOthers(lab.root).filter((other) => other.type === 'job');
});

describe('a job', () => {
  test.each([
    ['nightly', 'lab/nightly'],
    ['lab/nightly', 'lab/nightly'],
    // As a target of Nx is written.
    ['lab:nightly', 'lab/nightly'],
  ])('%s is %s', (word, key) => {
    expect(chooseJob(jobs, word).key).toBe(key);
  });

  test.each([
    ['nightley', 'There is no job nightley (did you mean nightly?).'],
    ['total', 'There is no job total.'],
    ['ightly', 'There is no job ightly (did you mean nightly?).'],
  ])('%s is none', (word, facts) => {
    expect(() => chooseJob(jobs, word)).toThrow(expect.objectContaining({ code: 'COMMAND_INVALID', facts }));
  });

  test('has to be named by its key where two groups have one', () => {
    const twins = jobs.map((job) => ({
      ...job,
      key: job.key.replace('lab/', 'other/') as JobManifest['key'],
    }));
    expect(() => chooseJob([...jobs, ...twins], 'nightly')).toThrow(
      'nightly may be lab/nightly, other/nightly.',
    );
    expect(chooseJob([...jobs, ...twins], 'other/nightly').key).toBe('other/nightly');
    expect(() => chooseJob([], 'nightly')).toThrow('There is no job nightly.');
  });

  test('says when it runs, and of which parts it is', () => {
    const [nightly, cleaning] = [chooseJob(jobs, 'nightly'), chooseJob(jobs, 'cleaning')];
    expect([nightly, cleaning].map(describeSchedule)).toEqual(['0 3 * * * Europe/Berlin', '']);
    expect(partsOf(nightly)).toEqual(['sweep', 'assets']);
    expect(partsOf(cleaning)).toEqual(['sweep']);
  });
});

describe('the plan of a job', () => {
  const planned = async (word: string, isListed = false) => {
    const { chosen, steps, problem } = await planJob(
      await openLab(lab.root),
      chooseJob(jobs, word),
      isListed,
    );
    return { chosen, problem, steps: steps.map(({ key, partition, action }) => [key, partition, action]) };
  };

  test('is of its assets, with what they need', async () => {
    expect(await planned('nightly')).toEqual({
      chosen: [TOTAL],
      problem: null,
      steps: [
        [NUMBERS, null, 'run'],
        [TOTAL, null, 'run'],
      ],
    });
  });

  test('is of its partition alone', async () => {
    expect((await planned('latest')).steps).toEqual([[DAYS, '2026-03-04', 'run']]);
  });

  test('is empty where it has nothing but ops', async () => {
    expect(await planned('cleaning')).toEqual({ chosen: [], problem: null, steps: [] });
  });

  test('is of what has a status only when it is asked', async () => {
    expect((await planned('old')).chosen).toEqual([]);
    await make({ root: lab.root }, SIZED, '2', { record: { actionKey: 'a'.repeat(64) } });
    expect((await planned('old')).chosen).toEqual([SIZED]);
    lab.remove('output');
  });

  test('that cannot run is a problem in a list, and an error alone', async () => {
    for (const [word, code] of [
      ['lost', 'PARTITION_UNKNOWN'],
      ['wide', 'CONFIG_INVALID'],
    ] as const) {
      await expect(planned(word)).rejects.toMatchObject({ code });
      const { problem, ...rest } = await planned(word, true);
      expect(problem).toMatch(new RegExp(`^${code}: `));
      expect(rest).toEqual({ chosen: [], steps: [] });
    }
  });
});
