import { daily_refresh } from '@acme/jobs';
import { runs, sensor } from '@nx-assets/core/automation';

/** Once: what the sensor itself has started does not count, so a job that goes on failing is left to people. */
export const failed_refresh = sensor({
  description: 'Tries the daily refresh once more when it has failed or was killed.',
  watch: runs({ job: daily_refresh, status: ['failed', 'lost'] }),
  every: '1m',
  run: daily_refresh,
});
