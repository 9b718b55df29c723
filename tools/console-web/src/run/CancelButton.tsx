import type { RunView } from '@nx-assets/console/wire';
import { CircleStop } from 'lucide-react';
import { useRef, useState } from 'react';
import { cancelRun } from '../api/client.ts';
import { source } from '../api/source.ts';
import { say } from '../shell/toasts.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/Notes.tsx';
import styles from './CancelButton.module.css';

/** Stops a run of this machine, after a question: the work of its steps would be lost. */
export function CancelButton({ run }: { readonly run: RunView }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isAsked, setAsked] = useState(false);
  if (!source.isLive || run.status !== 'running' || !run.isHere) return null;
  const cancel = () => {
    dialog.current?.close();
    setAsked(true);
    cancelRun(run.id).catch((error: unknown) => {
      setAsked(false);
      say(<ErrorNote error={error} />, 'failed');
    });
  };
  return (
    <>
      <Button
        small
        variant="danger"
        disabled={isAsked}
        onClick={() => dialog.current?.showModal()}
        icon={<CircleStop size={14} aria-hidden />}
      >
        {isAsked ? 'Stopping …' : 'Cancel'}
      </Button>
      <dialog ref={dialog} className={styles.dialog} aria-label="Cancel the run">
        <h2>Cancel this run?</h2>
        <p>Finished assets are kept. Running steps are stopped, and waiting steps do not start.</p>
        <div>
          <Button onClick={() => dialog.current?.close()}>Keep it running</Button>
          <Button variant="danger" onClick={cancel} icon={<CircleStop size={14} aria-hidden />}>
            Cancel the run
          </Button>
        </div>
      </dialog>
    </>
  );
}
