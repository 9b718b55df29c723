export { posts_cleaned } from './posts_cleaned.ts';
export { posts_with_user_info } from './posts_with_user_info.ts';
export { users_cleaned } from './users_cleaned.ts';
