import type { RunRequest, RunStarted } from '@nx-assets/console/wire';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { dryRun } from './client.ts';

/** What a run would do, asked for each time that somebody looks; nothing without a request. */
export const usePlan = (request: RunRequest | null): UseQueryResult<RunStarted> =>
  useQuery({
    queryKey: ['plan', request],
    queryFn: () => (request ? dryRun(request) : Promise.reject(new Error('nothing is asked for'))),
    enabled: request !== null,
    staleTime: 0,
    gcTime: 0,
  });
