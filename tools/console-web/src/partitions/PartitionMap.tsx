import type { PartitionsView, RunRequest } from '@nx-assets/console/wire';
import { useSearch } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { useAnswer } from '../api/client.ts';
import { useNarrow } from '../api/useNarrow.ts';
import { useTyped } from '../api/useTyped.ts';
import { usePlan } from '../api/usePlan.ts';
import { PlanNote } from '../shell/PlanNote.tsx';
import { source } from '../api/source.ts';
import { useRunAction } from '../shell/useRunAction.tsx';
import { Age } from '../ui/Age.tsx';
import { Button } from '../ui/Button.tsx';
import { ErrorNote, Loading } from '../ui/Notes.tsx';
import { StatusMark } from '../ui/StatusMark.tsx';
import { bytes, count, plural, STATUS_LABELS } from '../ui/labels.ts';
import { type Cell, cellsOf, STATES } from './map.ts';
import styles from './PartitionMap.module.css';

const CELLS = 1_500;
const PAGE = 50;

/** How the partitions of an asset stand: a map of all, some with details, and ways to make them. */
export function PartitionMap({ assetKey }: { readonly assetKey: string }) {
  const [group = '', name = ''] = assetKey.split('/');
  const { state, place } = useSearch({ strict: false });
  const narrow = useNarrow();
  const offset = place === undefined ? undefined : Number(place);
  const goTo = (first: number) => narrow({ place: first <= 0 ? undefined : String(first) });
  const query = source.isLive ? { limit: PAGE, state, offset } : {};
  const { data, error } = useAnswer('/api/assets/:group/:name/partitions', { group, name }, query);
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  const { counts, states, ends, page } = data;
  const go = (cell: Cell) => narrow({ state: undefined, place: String(Math.max(0, cell.from - 5)) });
  return (
    <div className={styles.partitions}>
      <ul className={styles.legend}>
        {Object.values(STATES).map((one) => {
          const amount =
            one === 'running' ? [...states].filter((letter) => letter === 'r').length : counts[one];
          return (
            amount > 0 && (
              <li key={one}>
                <button
                  type="button"
                  aria-pressed={state === one}
                  disabled={!source.isLive}
                  onClick={() => narrow({ place: undefined, state: state === one ? undefined : one })}
                >
                  <StatusMark mark={one} size={13} /> {STATUS_LABELS[one]} <b>{count(amount)}</b>
                </button>
              </li>
            )
          );
        })}
      </ul>
      <Heat states={states} onPick={go} />
      {ends && (
        <p className={styles.ends}>
          <code>{ends[0]}</code> to <code>{ends[1]}</code>
        </p>
      )}
      {source.isLive && <Backfill assetKey={assetKey} view={data} />}
      <div className={styles.table} tabIndex={0} role="group" aria-label="Partitions with details">
        <table>
          <thead>
            <tr>
              <th scope="col">Partition</th>
              <th scope="col">Status</th>
              <th scope="col">Why</th>
              <th scope="col">Rows</th>
              <th scope="col">Size</th>
              <th scope="col">Materialized</th>
            </tr>
          </thead>
          <tbody>
            {page.map((part) => (
              <tr key={part.key}>
                <th scope="row">{part.key}</th>
                <td>
                  <span className={styles.state}>
                    <StatusMark mark={part.state} size={13} /> {STATUS_LABELS[part.state]}
                  </span>
                </td>
                <td>{part.why}</td>
                <td>{count(part.rowCount)}</td>
                <td>{bytes(part.bytes)}</td>
                <td>
                  <Age at={part.madeAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {source.isLive && (data.offset > 0 || page.length === PAGE) && (
        <p className={styles.pages}>
          <Button small disabled={data.offset === 0} onClick={() => goTo(data.offset - PAGE)}>
            Before
          </Button>
          <Button small disabled={page.length < PAGE} onClick={() => goTo(data.offset + PAGE)}>
            After
          </Button>
        </p>
      )}
    </div>
  );
}

/** The cell before or after, for arrow keys: Tab comes only to where something changes. */
function toNeighbour(event: KeyboardEvent): void {
  const at = document.activeElement;
  const next = { ArrowRight: at?.nextElementSibling, ArrowLeft: at?.previousElementSibling }[event.key];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}

/** A cell for each partition, or for some of many. Its shape says what its colour does. */
function Heat({ states, onPick }: { readonly states: string; readonly onPick: (cell: Cell) => void }) {
  const cells = cellsOf(states, CELLS);
  const each = cells[0] ? cells[0].to - cells[0].from : 1;
  return (
    <>
      <div
        className={styles.heat}
        role="group"
        aria-label={`Map of ${plural(states.length, 'partition')}`}
        onKeyDown={toNeighbour}
      >
        {cells.map((cell, index) => (
          <button
            key={cell.from}
            type="button"
            tabIndex={
              index === 0 || (cell.letter !== 'f' && cells[index - 1]?.letter !== cell.letter) ? 0 : -1
            }
            className={styles[STATES[cell.letter]]}
            onClick={() => onPick(cell)}
            aria-label={`${STATUS_LABELS[STATES[cell.letter]]}, partition ${cell.from + 1}`}
            title={`${STATUS_LABELS[STATES[cell.letter]]}: ${cell.from + 1}${each > 1 ? ` to ${cell.to}` : ''} of ${states.length}`}
          />
        ))}
      </div>
      {each > 1 && (
        <p className={styles.ends}>Each cell is {each} partitions and shows their worst status.</p>
      )}
    </>
  );
}

function Backfill({
  assetKey,
  view: { counts },
}: {
  readonly assetKey: string;
  readonly view: PartitionsView;
}) {
  const { start, isBusy } = useRunAction();
  const { text, said: partition, setText } = useTyped('range');
  const [isForced, setForced] = useState(false);
  const ways = (['missing', 'stale', 'failed'] as const).filter((one) => counts[one] > 0);
  const request = useMemo<RunRequest>(
    () => ({ assets: [assetKey], partition, force: isForced }),
    [assetKey, partition, isForced],
  );
  const plan = usePlan(partition === '' ? null : request);
  return (
    <form
      className={styles.backfill}
      onSubmit={(event) => {
        event.preventDefault();
        start({ ...request, partition: text.trim() });
      }}
    >
      <input
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="2026-03-01...2026-03-31,latest"
        aria-label="Partitions: keys, ranges and lists"
        aria-invalid={plan.isError}
        spellCheck={false}
      />
      <Button
        type="submit"
        small
        disabled={isBusy || text.trim() === '' || plan.isError}
        icon={<Play size={12} aria-hidden />}
      >
        Materialize these
      </Button>
      <label className={styles.force}>
        <input type="checkbox" checked={isForced} onChange={(event) => setForced(event.target.checked)} />{' '}
        also those that are fresh
      </label>
      {ways.map((only) => (
        <Button key={only} small disabled={isBusy} onClick={() => start({ assets: [assetKey], only })}>
          Backfill {count(counts[only])} {only}
        </Button>
      ))}
      {partition !== '' && (
        <div className={styles.plan}>
          <PlanNote plan={plan} />
        </div>
      )}
    </form>
  );
}
