import { daily_revenue } from '@acme/events';
import { schedule } from '@nx-assets/core/automation';

/** Each time makes the day that had ended by then, also where it comes late: a week off loses no day. */
export const last_day = schedule({
  description: 'The revenue of the day that has just ended.',
  cron: '15 1 * * *',
  timeZone: 'Europe/Berlin',
  catchUp: { all: 7 },
  run: daily_revenue,
  partition: 'latest',
});
