/**
 * Writes docs/errors.md from the table of error codes.
 *
 *     npx node docs/errors.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Blame, DIAGNOSTICS } from '@nx-assets/core';
import { format } from 'prettier';

const SECTIONS: Readonly<Record<Blame, readonly [title: string, text: string]>> = {
  author: ['In a definition', 'A definition, its function or its SQL is wrong.'],
  data: ['In the data', 'External data does not match the schema, or could not be fetched.'],
  machine: ['On the machine', 'A problem with the disk, a process or an earlier run.'],
  framework: ['In Nx Assets', 'A bug in Nx Assets, which only its maintainers can fix.'],
};

const HEAD = `<!-- Made by docs/errors.ts from tools/core/src/diagnostics.ts. Do not edit. -->

# Errors

A message has a code, the facts, and what to do:

\`\`\`text
SCHEMA_MISMATCH: The columns of the query do not match the schema: "phone" is missing. Correct the SQL, or the schema of the asset.
\`\`\`

Codes are stable: scripts may compare them. In a run, the code of a failed asset is shown in the column \`why\` of the
table, and in \`error.code\` of [\`--json\`](machine-output.md). An error in a definition stops every nx command, since
Nx has to know all targets before it does anything.
`;

/** The page, as text. */
export function errorsPage(): Promise<string> {
  const sections = Object.entries(SECTIONS).map(([blame, [title, text]]) => {
    const rows = Object.entries(DIAGNOSTICS)
      .filter(([, diagnostic]) => diagnostic.blame === blame)
      .map(([code, { remedy }]) => `| \`${code}\` | ${remedy.replaceAll('|', '\\|')} |`);
    return `## ${title}\n\n${text}\n\n| code | what to do |\n| --- | --- |\n${rows.join('\n')}\n`;
  });
  return format([HEAD, ...sections].join('\n'), { parser: 'markdown', printWidth: 110 });
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'errors.md'), await errorsPage());
