import type { Problem as ProblemView } from '@nx-assets/console/wire';
import { TriangleAlert } from 'lucide-react';
import styles from './Problem.module.css';

/** Definitions do not load: where, and what to do. What is shown below is from before. */
export function Problem({ problem }: { readonly problem: ProblemView }) {
  return (
    <div className={styles.problem} role="alert">
      <TriangleAlert size={17} aria-hidden />
      <div>
        <p>
          <b>The definitions do not load.</b> This page shows the last version that loaded.
        </p>
        <p>
          {problem.file && !problem.message.includes(problem.file) && (
            <code>
              {problem.file}
              {problem.line === null ? '' : `:${problem.line}`}{' '}
            </code>
          )}
          <span className="code">{problem.message}</span>
        </p>
        {problem.remedy && <p className={styles.remedy}>{problem.remedy}</p>}
      </div>
    </div>
  );
}
