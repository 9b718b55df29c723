import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { daily_events } from '@acme/events';
import { sensor } from '@nx-assets/core/automation';

const LIST = 'output/asked-days.txt';

/** A sensor of one's own. The cursor says how many lines it has seen, so that each is asked for once. */
export const asked_days = sensor({
  description: `Makes the days that people ask for, a line each, in ${LIST}.`,
  every: '10s',
  run: daily_events,
  async check(cursor, { root }) {
    const seen = Number(cursor ?? 0);
    const text = await readFile(join(root, LIST), 'utf8').catch(() => '');
    // The last piece is not a line yet.
    const lines = text.split('\n').slice(0, -1);
    return {
      cursor: lines.length,
      requests: lines.slice(seen).map((day, index) => ({
        id: `${seen + index + 1} ${day}`,
        partition: day,
        because: `${day} was asked for`,
      })),
      because: 'no new line',
    };
  },
});
