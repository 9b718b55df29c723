import { Check, Copy } from 'lucide-react';
import styles from './Copyable.module.css';
import { useCopy } from './useCopy.ts';

/** A command, as it can be typed, with a way to take it along. */
export function Copyable({
  text,
  label = 'Copy the command',
}: {
  readonly text: string;
  readonly label?: string;
}) {
  const { isCopied, copy } = useCopy();
  return (
    <span className={styles.copyable}>
      <code>{text}</code>
      <button type="button" onClick={() => copy(text)} aria-label={isCopied ? 'Copied' : label} title={label}>
        {isCopied ? <Check size={14} /> : <Copy size={14} />}
      </button>
    </span>
  );
}
