export { type JsonPlaceholder, jsonplaceholder } from './client.ts';
export { Post, User } from './schema.ts';
