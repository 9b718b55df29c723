import {
  addressOf,
  type Answers,
  type ErrorView,
  type ParamsOf,
  type Path,
  type RunRequest,
  type RunStarted,
} from '@nx-assets/console/wire';
import { QueryClient, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { AnswerError, type Query, source } from './source.ts';

const UNREACHED_MS = 2_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Live events say what has changed: nothing is asked for again without reason.
      staleTime: Infinity,
      // What was refused is refused again.
      retry: (failures, error) => failures === 0 && error instanceof TypeError,
      refetchOnWindowFocus: false,
      // `fetch` throws a TypeError where nobody answers: the server may be back soon.
      refetchInterval: ({ state: { error } }) => (error instanceof TypeError ? UNREACHED_MS : false),
    },
  },
});

/** Names of a query: by path, so that a live event can name all that it makes old. */
export const queryKey = <P extends Path>(path: P, params: ParamsOf<P>, query: Query = {}) =>
  [path, addressOf(path, params, query)] as const;

const queryOf = <P extends Path>(path: P, params: ParamsOf<P>, query: Query = {}) => ({
  queryKey: queryKey(path, params, query),
  queryFn: () => source.get(addressOf(path, params, query)) as Promise<Answers[P]>,
});

/** What the server answers there, kept and shared between all who ask. */
export const useAnswer = <P extends Path>(
  path: P,
  params: ParamsOf<P>,
  query: Query = {},
): UseQueryResult<Answers[P]> => useQuery(queryOf(path, params, query));

/** Answers that fit one path are old. */
export const forget = (path: Path): void => void queryClient.invalidateQueries({ queryKey: [path] });

/** Asks the server to do something. */
async function post(address: string, body: unknown): Promise<unknown> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new AnswerError(answer as ErrorView);
  return answer;
}

export const startRun = (request: RunRequest) => post('/api/runs', request) as Promise<RunStarted>;
export const cancelRun = (id: string) =>
  post(`/api/runs/${encodeURIComponent(id)}/cancel`, {}) as Promise<Record<never, never>>;
/** What a run would do, and the commands for it: the same answer as `startRun`, and nothing is started. */
export const dryRun = (request: RunRequest) => post('/api/plan', request) as Promise<RunStarted>;
