export { download, type DownloadOptions } from './download.ts';
