import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';

type Changes = Readonly<Record<string, string | undefined>>;

/** Changes what the address says of the view, or what it said before into that; an empty text takes it out. */
export function useNarrow(): (changes: Changes | ((was: Changes) => Changes)) => void {
  const navigate = useNavigate();
  return useCallback(
    (changes) => {
      const search = (was: Changes): Changes =>
        Object.fromEntries(
          Object.entries({ ...was, ...(typeof changes === 'function' ? changes(was) : changes) }).map(
            ([name, value]) => [name, value === '' ? undefined : value] as const,
          ),
        );
      void navigate({ to: '.', search, replace: true });
    },
    [navigate],
  );
}
