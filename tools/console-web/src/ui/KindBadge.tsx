import { Box, Braces, Database, FileText, Globe, ShieldCheck, Table2 } from 'lucide-react';
import styles from './KindBadge.module.css';

/** Kinds that have a colour; what a team adds is grey. */
const KINDS = {
  api: [Globe, styles.blue],
  http: [Globe, styles.blue],
  danfo: [Table2, styles.violet],
  duckdb: [Database, styles.amber],
  csv: [FileText, styles.green],
  json: [Braces, styles.teal],
  node: [Box, styles.lime],
  check: [ShieldCheck, styles.grey],
} as const;

export function KindBadge({ kind }: { readonly kind: string }) {
  const [Glyph, hue] = KINDS[kind as keyof typeof KINDS] ?? [Box, styles.grey];
  return (
    <span className={`${styles.badge} ${hue}`}>
      <Glyph size={12} aria-hidden />
      <span className="visually-hidden">kind </span>
      {kind}
    </span>
  );
}
