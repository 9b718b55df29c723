import { useNarrow } from '../api/useNarrow.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/Notes.tsx';

/** A filter lets nothing through: the way out of it. */
export function NoMatches() {
  const narrow = useNarrow();
  return (
    <EmptyState title="No asset matches the filter">
      <Button small onClick={() => narrow({ filter: undefined })}>
        Show all assets
      </Button>
    </EmptyState>
  );
}
