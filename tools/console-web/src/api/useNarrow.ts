import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';

type Changes = Readonly<Record<string, string | undefined>>;

/** Changes what the address says of the view; an empty text takes it out. */
export function useNarrow(): (changes: Changes) => void {
  const navigate = useNavigate();
  return useCallback(
    (changes) => {
      const kept: Changes = Object.fromEntries(
        Object.entries(changes).map(([name, value]) => [name, value === '' ? undefined : value] as const),
      );
      void navigate({
        to: '.',
        search: (was: Record<string, string | undefined>) => ({ ...was, ...kept }),
        replace: true,
      });
    },
    [navigate],
  );
}
