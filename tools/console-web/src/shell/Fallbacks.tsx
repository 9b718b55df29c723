import { Link } from '@tanstack/react-router';
import { Button } from '../ui/Button.tsx';
import { EmptyState, ErrorNote } from '../ui/Notes.tsx';

/** For addresses that lead nowhere. */
export const NotFound = () => (
  <EmptyState title="Page not found">
    <Link to="/groups">Go to groups</Link>
  </EmptyState>
);

/** A page that threw, or whose files are gone since the console was built anew. */
export const PageError = ({ error }: { readonly error: unknown }) => (
  <EmptyState title="Something went wrong on this page">
    <ErrorNote error={error} />
    <p>
      <Button onClick={() => location.reload()}>Reload</Button>
    </p>
  </EmptyState>
);
