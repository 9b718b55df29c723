import { Post, jsonplaceholder } from '@acme/jsonplaceholder';
import { asset } from '@nx-assets/core';

export const api_posts_raw = asset({
  description: 'The posts of JSONPlaceholder, as the API gives them.',
  kind: 'api',
  resources: { api: jsonplaceholder },
  freshness: { maxAge: '1h' },
  schema: Post,
  materialize: (_inputs, context) => context.resources.api.collection('posts', context),
});
