/** Name of the environment variable by which one nx command and its processes know their run. */
export const RUN_ID = 'NX_ASSETS_RUN_ID';

/** Name of the environment variable by which they know the workspace root. */
export const ROOT = 'NX_ASSETS_ROOT';

/** Name of the environment variable that says how many steps may run at the same time. */
export const CONCURRENCY = 'NX_ASSETS_CONCURRENCY';

/** Name of the environment variable that is set where a run asks for everything anew. */
export const FRESH = 'NX_ASSETS_FRESH';

/**
 * Name of the environment variable by which whoever starts an nx command gives its run a name: a job that of a sub-run
 * of its own, automation one that it has written down before.
 */
export const GIVEN_RUN = 'NX_ASSETS_GIVEN_RUN';

/** Name of the environment variable by which automation gives the run of a job its name. */
export const GIVEN_JOB_RUN = 'NX_ASSETS_GIVEN_JOB_RUN';

/** Name of the environment variable that says as of when a run is: windows that had ended by then are part of it. */
export const AS_OF = 'NX_ASSETS_AS_OF';

/** The run of a job has sub-runs: each has a run file of its own, and is the same run to records and history. */
export const subRunId = (runId: string, number: number): string => `${runId}.${number}`;
export const parentRunId = (runId: string): string => runId.replace(/\.\d+$/, '');
export const isSubRun = (runId: string): boolean => parentRunId(runId) !== runId;

/** Sorts by time, and two at the same time differ. */
export const newRunId = (now: Date): string =>
  `${now.toISOString().replace(/[-:]/g, '').replace('.', '').replace('Z', '')}-${process.pid}`;
