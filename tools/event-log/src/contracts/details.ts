import { describe, expect, test } from 'vitest';
import type { Place } from './place.ts';
import { A, B, everything, logged, materialized, stepFinished } from './sample-events.ts';

/** What is written of logs, materializations and checks comes back. */
export function detailsContract(place: Place): void {
  const open = () => place()();

  describe('logs', () => {
    test('in order, by key, by pages', async () => {
      const log = await open();
      const lines = [1, 2, 3, 4, 5, 6].map((n) => logged({ key: n % 2 ? A : B, message: `${n}` }));
      await log.append([...lines.slice(0, 3), logged({ runId: 'r2' }), ...lines.slice(3)]);
      const texts = async (options: Parameters<typeof log.logs>[1]) =>
        (await log.logs('r1', options)).map(({ message }) => message).join('');
      expect(await texts({ limit: 10 })).toBe('123456');
      expect(await texts({ limit: 2, key: A })).toBe('13');
      expect(await texts({ limit: 9, key: B, after: 2 })).toBe('46');
      expect((await log.steps('r1')).map(({ logLines }) => logLines)).toEqual([3, 3]);
    });

    test('a line is cut at 8 kB, between characters', async () => {
      const log = await open();
      await log.append([logged({ message: 'x'.repeat(8192) }), logged({ message: `y${'🚀'.repeat(4000)}` })]);
      const [whole, cut] = await log.logs('r1', { limit: 2 });
      expect(whole?.message).toBe('x'.repeat(8192));
      expect(cut?.message).toMatch(/^y(🚀)+ … \(cut\)$/u);
      expect(Buffer.byteLength(cut?.message ?? '')).toBeGreaterThan(8185);
      expect(Buffer.byteLength(cut?.message ?? '')).toBeLessThanOrEqual(8192);
    });

    test('a step keeps 50,000 lines, and says how many more there were', async () => {
      const log = await open();
      const many = (count: number) => Array.from({ length: count }, (_, n) => logged({ message: `${n}` }));
      await log.append(many(49_990));
      await log.append(many(20));
      await log.append([...many(5), logged({ key: B }), stepFinished(), stepFinished({ key: B })]);
      const lines = await log.logs('r1', { limit: 100_000, key: A });
      expect(lines).toHaveLength(50_001);
      expect(lines.at(-2)?.message).toBe('9');
      expect(lines.at(-1)).toMatchObject({
        level: 'warn',
        message: '15 more lines are not kept: a step keeps 50000.',
      });
      expect(await log.steps('r1')).toMatchObject([
        { logLines: 50_000, droppedLines: 15 },
        { logLines: 1, droppedLines: 0 },
      ]);
    });
  });

  describe('materializations and checks', () => {
    test('newest first, of all partitions or of one', async () => {
      const log = await open();
      await log.append([
        materialized({ dataVersion: '1' }),
        materialized({ dataVersion: '2', partition: 'x' }),
        materialized({ dataVersion: '3', runId: 'r2' }),
        materialized({ dataVersion: '4', key: B }),
      ]);
      const versions = async (options: Parameters<typeof log.materializations>[1]) =>
        (await log.materializations(A, options)).map(({ dataVersion }) => dataVersion);
      expect(await versions({ limit: 10 })).toEqual(['3', '2', '1']);
      expect(await versions({ limit: 2 })).toEqual(['3', '2']);
      expect(await versions({ limit: 10, partition: null })).toEqual(['3', '1']);
      expect(await versions({ limit: 10, partition: 'x' })).toEqual(['2']);
    });

    test('that made some data', async () => {
      const log = await open();
      const versions = ['1', '2', '1'];
      await log.append(versions.map((dataVersion, at) => materialized({ dataVersion, at })));
      const found = await log.materializations(A, { limit: 10, dataVersion: '1' });
      expect(found.map(({ at }) => at)).toEqual([2, 0]);
    });

    test('what data each asset had at a time, whichever step left it there', async () => {
      const log = await open();
      await log.append([
        stepFinished({ runId: 'r1', at: 100, dataVersion: '1' }),
        stepFinished({ runId: 'r2', at: 200, dataVersion: '2' }),
        stepFinished({ runId: 'r2', at: 210, dataVersion: 'x', partition: 'x' }),
        stepFinished({ runId: 'r3', at: 300, status: 'failed', dataVersion: null }),
        stepFinished({ runId: 'r4', at: 400, status: 'up-to-date', dataVersion: '1' }),
      ]);
      const at = async (time: number) => (await log.dataVersionsAt([A, B], time)).get(A);
      expect([await at(99), await at(100), await at(399), await at(400)]).toEqual([undefined, '1', '2', '1']);
      expect([...(await log.dataVersionsAt([A, B], 400)).keys()]).toEqual([A]);
    });

    test('one, by its id', async () => {
      const log = await open();
      await log.append([
        materialized({ dataVersion: '1' }),
        materialized({ dataVersion: '2', partition: 'x' }),
      ]);
      expect(await log.materialization(2)).toMatchObject({ id: 2, dataVersion: '2', partition: 'x' });
      expect(await log.materialization(9)).toBeNull();
    });

    test('the newest of each key, as it was written', async () => {
      const log = await open();
      await log.append([materialized({ dataVersion: 'old' }), materialized({ runId: 'r2', rowCount: null })]);
      const found = (await log.lastMaterializations([A, B])).get(A);
      expect({ type: 'materialized', ...found }).toEqual({
        id: 2,
        ...materialized({ runId: 'r2', rowCount: null }),
      });
      expect(await log.lastMaterializations([B])).toEqual(new Map());
    });

    test('checks', async () => {
      const log = await open();
      await log.append(everything);
      expect(await log.checks(A, { limit: 1 })).toMatchObject([
        { check: 'unique', severity: 'warn', passed: false, facts: [] },
      ]);
      expect(await log.checks(A, { limit: 9 })).toMatchObject([{}, { passed: true, facts: { rows: 3 } }]);
      expect(await log.checks(B, { limit: 9 })).toEqual([]);
    });
  });
}
