import { export_summary } from '@acme/exports';
import { job } from '@nx-assets/core';
import { webhook } from '@nx-assets/webhook';
import { check_disk } from './check_disk.ts';
import { publish } from './publish.ts';

const chat = webhook({ name: 'chat', url: { env: 'CHAT_WEBHOOK_URL' }, format: 'slack' });

export const daily_refresh = job({
  description: 'The exports of the day, copied to where people take them from.',
  before: [check_disk],
  select: export_summary,
  after: [publish],
  schedule: { cron: '0 6 * * *', timeZone: 'Europe/Berlin' },
  onSuccess: [chat],
  onFailure: [chat],
});
