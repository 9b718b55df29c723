import { files, sensor } from '@nx-assets/core/automation';

export const currency_list = sensor({
  description: 'Makes the assets of a currency as soon as somebody has added it to the list.',
  watch: files('packages/dynamic-assets/src/*.json'),
  every: '10s',
  run: 'group:dynamic-assets',
});
