import type { RunDetail, RunView } from '@nx-assets/console/wire';
import { RotateCcw } from 'lucide-react';
import { source } from '../api/source.ts';
import { useRunAction } from '../shell/useRunAction.tsx';
import { Button } from '../ui/Button.tsx';
import { span } from '../ui/labels.ts';
import { useClock } from './useClock.ts';

/** How long a run takes, or took. */
export function RunTime({ run }: { readonly run: RunView }) {
  const now = useClock(run.status === 'running');
  const end = run.finishedAt ?? (run.status === 'running' ? now : null);
  return <>{end === null ? '–' : span(Math.max(0, end - run.startedAt))}</>;
}

/** What failed, again; and all of it by the command that it had. */
export function AgainButtons({ detail: { run, steps, again } }: { readonly detail: RunDetail }) {
  const { start, isBusy } = useRunAction();
  const failed = [...new Set(steps.filter(({ status }) => status === 'failed').map(({ key }) => key))];
  if (!source.isLive || run.status === 'running') return null;
  const icon = <RotateCcw size={13} aria-hidden />;
  return (
    <>
      <Button
        small
        disabled={isBusy}
        title={run.command.join(' ')}
        onClick={() => start({ assets: [], again: run.id })}
        icon={icon}
      >
        Run again
      </Button>
      {failed.length > 0 && (
        <Button
          small
          variant="main"
          disabled={isBusy}
          title={again.join('\n')}
          onClick={() => start({ assets: failed })}
          icon={icon}
        >
          Run failed again
        </Button>
      )}
    </>
  );
}
