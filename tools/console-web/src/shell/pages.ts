import {
  CalendarClock,
  GitCompareArrows,
  Grid3x3,
  History,
  LayoutGrid,
  ShieldCheck,
  Waypoints,
} from 'lucide-react';

/** Where one can go, in this order everywhere: sidebar, palette, and `g` followed by the letter. */
export const PAGES = [
  { to: '/groups', title: 'Groups', letter: 'g', icon: LayoutGrid },
  { to: '/lineage', title: 'Lineage', letter: 'l', icon: Waypoints },
  { to: '/runs', title: 'Runs', letter: 'r', icon: History },
  { to: '/partitions', title: 'Partitions', letter: 'p', icon: Grid3x3 },
  { to: '/automation', title: 'Automation', letter: 'a', icon: CalendarClock },
  { to: '/checks', title: 'Checks', letter: 'c', icon: ShieldCheck },
  { to: '/compare', title: 'Compare', letter: 'd', icon: GitCompareArrows },
] as const;
