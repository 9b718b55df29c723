import type { WorkspaceView } from '@nx-assets/console/wire';
import { useNavigate } from '@tanstack/react-router';
import {
  type KeyboardEvent,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useNarrow } from '../api/useNarrow.ts';
import { useRunningKeys } from '../ui/asset-status.ts';
import { meets } from './camera.ts';
import { Card, ClosedGroup, Container } from './Cards.tsx';
import { Controls } from './Controls.tsx';
import { DIRECTIONS, nextCard } from './keys.ts';
import { CARD, layOut } from '../layout/index.ts';
import { inGroup, markOfNode } from './edge-style.ts';
import {
  between,
  collapsedIn,
  groupNode,
  groupOfNode,
  modelOf,
  neighbours,
  reach,
  type Wanted,
} from './model.ts';
import { drawingOf } from './paint.ts';
import { Viewport, type ViewportHandle } from './Viewport.tsx';

interface LineageProps {
  readonly workspace: WorkspaceView;
  readonly wanted: Wanted;
  /** Names what is asked for: another one is seen whole at first. */
  readonly pictureId: string;
  /** The asset that is chosen, and a second one: then the ways between them stand out. */
  readonly chosen: string | undefined;
  readonly path: string | undefined;
}

/** The picture of what is made from what. All that it shows is in the address. */
export function Lineage({ workspace, wanted, pictureId, chosen, path }: LineageProps) {
  const narrow = useNarrow();
  const navigate = useNavigate();
  const running = useRunningKeys();
  // Statuses come and go; where cards are does not depend on them.
  const later = useDeferredValue(workspace);
  const model = useMemo(() => modelOf(later, wanted), [later, wanted]);
  const shape = JSON.stringify([model.nodes.map(({ id }) => id), model.edges]);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- by what decides the layout, not by who says it
  const layout = useMemo(() => layOut(model.nodes, model.edges), [shape]);
  const all = useMemo(() => neighbours(later.assets), [later]);
  const bright = useMemo(() => {
    const nodes = new Set(model.nodes.map(({ id }) => id));
    const groupOf = (key: string) => groupNode(model.assets.get(key)?.group ?? '');
    const isShown = (key: string | undefined) =>
      key !== undefined && (nodes.has(key) || nodes.has(groupOf(key)));
    if (chosen === undefined || !isShown(chosen)) return null;
    const end = isShown(path) ? path : undefined;
    const keys = end === undefined ? reach(all, chosen, Infinity) : between(all, chosen, end);
    return new Set([...keys, ...[...keys].map(groupOf), chosen, ...(end === undefined ? [] : [end])]);
  }, [all, chosen, path, model]);
  const isDim = useCallback((id: string) => bright !== null && !bright.has(id), [bright]);
  const drawing = useMemo(() => drawingOf(model, layout, running, isDim), [model, layout, running, isDim]);

  const [active, setActive] = useState<string>();
  const focused =
    active !== undefined && layout.cards.has(active) ? active : layout.cards.keys().next().value;
  const view = useRef<ViewportHandle>(null);
  const onReady = useCallback((handle: ViewportHandle) => void (view.current = handle), []);
  const toFocus = useRef<string>(undefined);

  const choose = useCallback(
    (key: string, withPath: boolean) => {
      setActive(key);
      if (withPath && chosen !== undefined && chosen !== key) narrow({ path: key });
      else narrow({ asset: key === chosen && path === undefined ? undefined : key, path: undefined });
    },
    [narrow, chosen, path],
  );
  const open = useCallback(
    (key: string) => {
      const [group = '', name = ''] = key.split('/');
      void navigate({ to: '/assets/$group/$name', params: { group, name } });
    },
    [navigate],
  );
  const toggle = (group: string) => {
    const now = new Set(collapsedIn(workspace, wanted.collapsed));
    if (!now.delete(group)) now.add(group);
    narrow({ collapsed: now.size === 0 ? '-' : [...now].join(',') });
  };

  const go = (id: string | undefined) => {
    const place = id === undefined ? undefined : layout.cards.get(id);
    if (id === undefined || !place) return;
    setActive(id);
    toFocus.current = id;
    view.current?.reveal({ ...place, ...CARD });
  };
  // A card may have to come into sight before it can have the focus.
  useEffect(() => {
    const id = toFocus.current;
    if (id === undefined) return;
    const card = document.querySelector<HTMLElement>(`[data-asset="${CSS.escape(id)}"]`);
    if (!card) return;
    toFocus.current = undefined;
    card.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent | globalThis.KeyboardEvent) => {
    // Those are the browser's.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = DIRECTIONS[event.key];
    const isOnCard = (event.target as HTMLElement).dataset['asset'] !== undefined;
    if (direction) go(isOnCard || active !== undefined ? nextCard(layout, focused, direction) : focused);
    else if (event.key === 'Enter' && isOnCard && focused !== undefined && groupOfNode(focused) === null)
      open(focused);
    else if (event.key === 'Escape') narrow({ asset: undefined, path: undefined });
    else if (event.key === '+' || event.key === '=') view.current?.zoom(1.3);
    else if (event.key === '-') view.current?.zoom(1 / 1.3);
    else if (event.key === '0') view.current?.fit();
    else return;
    event.preventDefault();
  };
  // Who has just come here has the focus nowhere, and means the picture.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.target === document.body) onKeyDown(event);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });

  return (
    <>
      <Viewport
        layout={layout}
        drawing={drawing}
        pictureId={pictureId}
        onReady={onReady}
        onKeyDown={onKeyDown}
        onBackground={() => narrow({ asset: undefined, path: undefined })}
      >
        {(sight) =>
          sight && (
            <>
              {layout.groups
                .filter((box) => meets(box, sight))
                .map((box) => (
                  <Container
                    key={box.name}
                    box={box}
                    group={workspace.groups.find(({ name }) => name === box.name)}
                    assets={inGroup(model, box.name)}
                    running={running}
                    isClosed={model.collapsed.has(box.name)}
                    onToggle={toggle}
                  />
                ))}
              {[...layout.cards]
                .filter(([, place]) => meets({ ...place, ...CARD }, sight))
                .map(([id, place]) => {
                  const asset = model.assets.get(id);
                  const group = groupOfNode(id) ?? '';
                  const common = { ...place, isDim: isDim(id), isActive: id === focused };
                  return asset ? (
                    <Card
                      key={id}
                      asset={asset}
                      {...common}
                      isRunning={running.has(id)}
                      isChosen={id === chosen || id === path}
                      onChoose={choose}
                      onOpen={open}
                    />
                  ) : (
                    <ClosedGroup
                      key={id}
                      group={group}
                      {...common}
                      assets={inGroup(model, group)}
                      mark={markOfNode(model, id, running)}
                      running={running}
                      onOpen={toggle}
                    />
                  );
                })}
            </>
          )
        }
      </Viewport>
      <Controls
        view={view}
        model={model}
        layout={layout}
        running={running}
        name={workspace.name}
        isFolded={model.collapsed.size > 0}
        onFold={(isFolded) =>
          narrow({ collapsed: isFolded ? workspace.groups.map(({ name }) => name).join(',') : '-' })
        }
      />
    </>
  );
}
