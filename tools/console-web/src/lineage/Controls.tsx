import { ChevronsDownUp, ChevronsUpDown, Maximize, Minus, Plus } from 'lucide-react';
import type { RefObject } from 'react';
import type { Layout } from '../layout/index.ts';
import type { Model } from './model.ts';
import { coloursOf } from './paint.ts';
import { save, savePng, svgOf } from './svg.ts';
import type { ViewportHandle } from './Viewport.tsx';
import styles from './Controls.module.css';

interface ControlsProps {
  readonly view: RefObject<ViewportHandle | null>;
  readonly model: Model;
  readonly layout: Layout;
  readonly running: ReadonlySet<string>;
  readonly name: string;
  readonly isFolded: boolean;
  readonly onFold: (isFolded: boolean) => void;
}

export function Controls({ view, model, layout, running, name, isFolded, onFold }: ControlsProps) {
  const svg = () => svgOf(model, layout, running, coloursOf(document.documentElement));
  const buttons = [
    ['Zoom out', Minus, () => view.current?.zoom(1 / 1.3)],
    ['Zoom in', Plus, () => view.current?.zoom(1.3)],
    ['Fit to view', Maximize, () => view.current?.fit()],
    [
      isFolded ? 'Expand all groups' : 'Collapse all groups',
      isFolded ? ChevronsUpDown : ChevronsDownUp,
      () => onFold(!isFolded),
    ],
    ['Save as SVG', 'SVG', () => save(new Blob([svg()], { type: 'image/svg+xml' }), `${name}.svg`)],
    ['Save as PNG', 'PNG', () => savePng(svg(), layout.width + 48, layout.height + 48, `${name}.png`)],
  ] as const;
  return (
    <div className={styles.controls} role="toolbar" aria-label="Lineage controls">
      {buttons.map(([title, Icon, act]) => (
        <button key={title} type="button" onClick={act} aria-label={title} title={title}>
          {typeof Icon === 'string' ? Icon : <Icon size={16} />}
        </button>
      ))}
    </div>
  );
}
