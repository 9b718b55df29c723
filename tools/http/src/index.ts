export { type Address, parseAddress } from './address.ts';
export { download, type DownloadOptions } from './download.ts';
export { follow, type FollowedRequest } from './follow.ts';
export { describeNetworkError, retryAfterOf } from './attempt.ts';
export { type Answer, request, type RequestOptions } from './request.ts';
