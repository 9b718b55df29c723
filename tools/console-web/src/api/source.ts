import type { ErrorView } from '@nx-assets/console/wire';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** An error that the server said, or that there is no server. */
export class AnswerError extends Error {
  readonly view: ErrorView;
  constructor(view: ErrorView) {
    super(view.message);
    this.view = view;
  }
}

/** Where answers come from: a server, or the files of an export. */
export interface Source {
  readonly isLive: boolean;
  get(address: string): Promise<unknown>;
}

const server: Source = {
  isLive: true,
  async get(address) {
    const response = await fetch(`.${address}`.replace(/^\./, ''), {
      headers: { accept: 'application/json' },
    });
    const body: unknown = await response.json();
    if (!response.ok) throw new AnswerError(body as ErrorView);
    return body;
  },
};

/** What an export has been asked for already, by address; its files put themselves here. */
interface Exported {
  readonly answers: Record<string, unknown>;
  /** Address to file. */
  readonly files: Readonly<Record<string, string>>;
}
declare global {
  var nxAssetsExport: Exported | undefined;
}

function files(exported: Exported): Source {
  return {
    isLive: false,
    get(address) {
      if (address in exported.answers) return Promise.resolve(exported.answers[address]);
      const file = exported.files[address];
      if (!file) {
        return Promise.reject(
          new AnswerError({
            code: 'NOT_EXPORTED',
            message: 'This is not part of the exported pages.',
            remedy: 'Open the console on the workspace to see it.',
          }),
        );
      }
      // A script, since a page from `file://` may not fetch.
      return new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = file;
        script.onload = () => resolve(exported.answers[address]);
        script.onerror = () => reject(new Error(`${file} is missing.`));
        document.head.append(script);
      });
    },
  };
}

export const source: Source = globalThis.nxAssetsExport ? files(globalThis.nxAssetsExport) : server;
