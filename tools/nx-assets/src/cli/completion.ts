import { AssetError } from '@nx-assets/core';
import { print } from './output.ts';
import { EXIT } from './exit.ts';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

const SCRIPTS: Readonly<Record<string, (verbs: string) => string>> = {
  bash: (verbs) => `_nx_assets() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${verbs}" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$(nx-assets ls --names 2>/dev/null)" -- "$word"))
  fi
}
complete -F _nx_assets nx-assets`,
  zsh: (verbs) => `#compdef nx-assets
_nx_assets() {
  if (( CURRENT == 2 )); then
    compadd -- ${verbs}
  else
    compadd -- \${(f)"$(nx-assets ls --names 2>/dev/null)"}
  fi
}
compdef _nx_assets nx-assets`,
  fish: (verbs) => `complete -c nx-assets -f -n __fish_use_subcommand -a "${verbs}"
complete -c nx-assets -f -n "not __fish_use_subcommand" -a "(nx-assets ls --names 2>/dev/null)"`,
};

/** Prints the script that makes a shell complete verbs and assets. */
export function completionCommand(context: ProcessContext, shell: string, verbs: readonly string[]): number {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (!script) {
    throw new AssetError('COMMAND_INVALID', `Unsupported shell: ${shell}.`, {
      remedy: `Use one of ${Object.keys(SCRIPTS).join(', ')}.`,
    });
  }
  print(context, script(verbs.join(' ')));
  return EXIT.ok;
}
