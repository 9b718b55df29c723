export { api_posts_raw } from './api_posts_raw.ts';
export { api_users_raw } from './api_users_raw.ts';
