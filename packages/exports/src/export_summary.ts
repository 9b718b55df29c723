import { data_summary, DataSummary } from '@acme/analytics';
import { asset } from '@nx-assets/core';
import { z } from 'zod';
import { posts_enriched_csv } from './posts_enriched_csv.ts';
import { top_authors_csv } from './top_authors_csv.ts';
import { user_stats_csv } from './user_stats_csv.ts';
import { users_csv } from './users_csv.ts';

export const export_summary = asset({
  description: 'What was exported: every file with its size and hash, and the summary of the data in them.',
  kind: 'node',
  deps: { users_csv, posts_enriched_csv, user_stats_csv, top_authors_csv, data_summary },
  value: z.object({
    exported_files: z.array(
      z.object({ asset: z.string(), path: z.string(), rows: z.int(), bytes: z.int(), sha256: z.string() }),
    ),
    summary: z.object({
      total_files: z.int(),
      total_rows: z.int(),
      total_bytes: z.int(),
      ...DataSummary.shape,
    }),
  }),
  materialize({ data_summary, ...files }) {
    const exported_files = Object.entries(files).map(([asset, file]) => ({
      asset,
      path: file.workspacePath,
      rows: file.rowCount ?? 0,
      bytes: file.bytes,
      sha256: file.dataVersion,
    }));
    const total = (field: 'rows' | 'bytes') => exported_files.reduce((sum, file) => sum + file[field], 0);
    return {
      exported_files,
      summary: {
        total_files: exported_files.length,
        total_rows: total('rows'),
        total_bytes: total('bytes'),
        ...data_summary,
      },
    };
  },
});
