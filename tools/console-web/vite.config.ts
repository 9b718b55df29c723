import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `nx-assets console` listens, for `vite dev` beside it. */
const SERVER = process.env['NX_ASSETS_CONSOLE'] ?? 'http://127.0.0.1:4680';

export default defineConfig({
  plugins: [react()],
  // An export is opened from a folder of any name, and a server may be behind a path.
  base: './',
  server: { host: '127.0.0.1', proxy: { '/api': SERVER } },
  build: {
    target: 'es2023',
    assetsDir: 'files',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
});
