import { Link } from '@tanstack/react-router';
import { Button } from '../ui/Button.tsx';
import { EmptyState, ErrorNote } from '../ui/Notes.tsx';

/** For addresses that lead nowhere. */
export const NotFound = () => (
  <EmptyState title="There is no such page">
    <Link to="/groups">To the groups</Link>
  </EmptyState>
);

/** A page that threw, or whose files are gone since the console was built anew. */
export const PageError = ({ error }: { readonly error: unknown }) => (
  <EmptyState title="This page failed">
    <ErrorNote error={error} />
    <p>
      <Button onClick={() => location.reload()}>Load it again</Button>
    </p>
  </EmptyState>
);
