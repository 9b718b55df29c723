import type { RunDetail, RunView } from '@nx-assets/console/wire';
import { RotateCcw } from 'lucide-react';
import { source } from '../api/source.ts';
import { useRunAction } from '../shell/useRunAction.tsx';
import { Button } from '../ui/Button.tsx';
import { span } from '../ui/words.ts';
import { useClock } from './useClock.ts';

/** How long a run takes, or took. */
export function RunTime({ run }: { readonly run: RunView }) {
  const now = useClock(run.status === 'running');
  const end = run.finishedAt ?? (run.status === 'running' ? now : null);
  return <>{end === null ? '–' : span(Math.max(0, end - run.startedAt))}</>;
}

export function AgainButton({ detail }: { readonly detail: RunDetail }) {
  const { start, isBusy } = useRunAction();
  const failed = [...new Set(detail.steps.filter(({ status }) => status === 'failed').map(({ key }) => key))];
  if (!source.isLive || failed.length === 0 || detail.run.status === 'running') return null;
  return (
    <Button
      small
      disabled={isBusy}
      title={detail.again.join('\n')}
      onClick={() => start({ assets: failed })}
      icon={<RotateCcw size={13} aria-hidden />}
    >
      Run failed again
    </Button>
  );
}
