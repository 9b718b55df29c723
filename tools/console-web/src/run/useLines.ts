import { addressOf, type LogLine, type LogPage } from '@nx-assets/console/wire';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { useLiveLines } from '../api/live.ts';
import { source } from '../api/source.ts';

const PAGE = 5_000;

/** All lines of a run, those that are said now among them. They come in pages, and are shown as they come. */
export function useLines(runId: string): { readonly lines: readonly LogLine[]; readonly isWhole: boolean } {
  const live = useLiveLines(runId);
  const { data, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['/api/runs/:id/logs', runId],
    initialPageParam: 0,
    queryFn: ({ pageParam }) => {
      const query = source.isLive ? { after: pageParam, limit: PAGE } : {};
      return source.get(addressOf('/api/runs/:id/logs', { id: runId }, query)) as Promise<LogPage>;
    },
    getNextPageParam: ({ lines, hasMore }) => (hasMore && source.isLive ? lines.at(-1)?.id : undefined),
    // What comes after is told live, as long as somebody looks: who comes back asks for all of it.
    staleTime: Infinity,
    gcTime: 0,
  });
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  // Apart from what is live: thousands of lines are not put together again for each that is said.
  const known = useMemo(() => data?.pages.flatMap((page) => page.lines) ?? [], [data]);
  const lines = useMemo(() => {
    const last = known.at(-1)?.id ?? 0;
    const newer = live.filter(({ id }) => id > last);
    return newer.length === 0 ? known : [...known, ...newer];
  }, [known, live]);
  return { lines, isWhole: data !== undefined && !hasNextPage };
}
