import { User, jsonplaceholder } from '@acme/jsonplaceholder';
import { asset } from '@nx-assets/core';

export const api_users_raw = asset({
  description: 'The users of JSONPlaceholder, as the API gives them.',
  kind: 'api',
  resources: { api: jsonplaceholder },
  freshness: { maxAge: '1h' },
  schema: User,
  materialize: (_inputs, context) => context.resources.api.collection('users', context),
});
