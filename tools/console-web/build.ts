import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';
import manifest from './package.json' with { type: 'json' };

const dist = join(import.meta.dirname, 'dist');
const common: InlineConfig = { root: import.meta.dirname, logLevel: 'warn' };

// Twice: modules that load when they are needed, for a server; and for files one script, since a browser loads no
// module from `file://`.
await build({ ...common, build: { outDir: join(dist, 'live'), emptyOutDir: true } });
await build({
  ...common,
  build: {
    outDir: join(dist, 'static'),
    emptyOutDir: true,
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      // A classic script has none, and nothing here asks for it.
      transform: { define: { 'import.meta': '{}' } },
      output: { format: 'iife', codeSplitting: false },
    },
  },
  plugins: [
    {
      name: 'classic-script',
      transformIndexHtml: {
        order: 'post',
        // A classic script runs where it stands: `defer` has it wait for the page, as a module does.
        handler: (html: string) =>
          html.replace('type="module" crossorigin', 'defer').replace(/ crossorigin/g, ''),
      },
    },
  ],
});

const { name, version, description, license, type } = manifest;
writeFileSync(
  join(dist, 'package.json'),
  `${JSON.stringify({ name, version, description, license, type, exports: { './package.json': './package.json' } }, null, 2)}\n`,
);
cpSync(join(import.meta.dirname, 'public'), dist, { recursive: true });
