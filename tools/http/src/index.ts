export { type Address, parseAddress } from './address.ts';
export { download, type DownloadOptions } from './download.ts';
