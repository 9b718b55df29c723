// Started by browser.ts: unpacks Chromium from its npm package into TMPDIR, which is the one place that the package
// unpacks to. It brings libraries that a bare system lacks, NSS for one, and takes them along on Amazon Linux only.
import chromium from '@sparticuz/chromium';

process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs24.x';
await chromium.executablePath();
