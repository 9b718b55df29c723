import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import styles from './Copyable.module.css';

/** A command, as it can be typed, with a way to take it along. */
export function Copyable({
  text,
  label = 'Copy the command',
}: {
  readonly text: string;
  readonly label?: string;
}) {
  const [isCopied, setCopied] = useState(false);
  const copy = () =>
    // There is none on plain HTTP from another machine, and a browser may refuse.
    void Promise.resolve((navigator.clipboard as Clipboard | undefined)?.writeText(text)).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1_500);
      },
      () => undefined,
    );
  return (
    <span className={styles.copyable}>
      <code>{text}</code>
      <button type="button" onClick={copy} aria-label={isCopied ? 'Copied' : label} title={label}>
        {isCopied ? <Check size={14} /> : <Copy size={14} />}
      </button>
    </span>
  );
}
