import type { RunRequest } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { startRun } from '../api/client.ts';
import { ErrorNote } from '../ui/Notes.tsx';
import { say } from './toasts.ts';

/** Starts runs from a page, and says what came of it. */
export function useRunAction() {
  const [isBusy, setBusy] = useState(false);
  const start = async (request: RunRequest): Promise<void> => {
    setBusy(true);
    try {
      const { runs, commands, isUpToDate } = await startRun(request);
      const [run] = runs;
      if (isUpToDate || run === undefined) say('Everything is up to date: nothing to run.');
      else {
        say(
          <>
            <p>
              Started{' '}
              <Link to="/runs/$id" params={{ id: run }}>
                a run
              </Link>
            </p>
            <code>{commands.join('\n')}</code>
          </>,
        );
      }
    } catch (error) {
      say(<ErrorNote error={error} />, 'failed');
    } finally {
      setBusy(false);
    }
  };
  return { start: (request: RunRequest) => void start(request), isBusy };
}
