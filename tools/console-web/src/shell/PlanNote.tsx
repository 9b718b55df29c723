import type { usePlan } from '../api/usePlan.ts';
import { Copyable } from '../ui/Copyable.tsx';
import { ErrorNote } from '../ui/Notes.tsx';

/** The commands that a run comes to, or why there is none. */
export function PlanNote({ plan: { data, error } }: { readonly plan: ReturnType<typeof usePlan> }) {
  if (error) return <ErrorNote error={error} />;
  if (data?.isUpToDate) return <p role="status">Nothing to run: everything is up to date.</p>;
  return data?.commands.map((command) => <Copyable key={command} text={command} />);
}
