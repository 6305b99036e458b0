/** Completion scripts for shells: the names of commands and flags as they are now, in a table that the shell walks. */
import type { Command } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** A command by its words, and what may follow it. */
interface Entry {
  readonly path: string;
  readonly words: readonly string[];
}

/** Names consist of letters, digits and dashes: nothing needs quoting. */
export function completionScript(program: Command, shell: Shell): string {
  return SCRIPTS[shell](entriesOf(program, program.name()));
}

function entriesOf(command: Command, path: string): Entry[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).map((child) => child.name());
  const flags = help.visibleOptions(command).flatMap(({ short, long }) => [short, long]);
  const words = [...commands, ...flags].filter((word) => word !== undefined);
  return [
    { path, words },
    ...command.commands.flatMap((child) =>
      commands.includes(child.name()) ? entriesOf(child, `${path} ${child.name()}`) : [],
    ),
  ];
}

const SCRIPTS: { readonly [S in Shell]: (entries: readonly Entry[]) => string } = {
  bash: (entries) => `_oagent() {
  local at=oagent word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
${below(entries)
  .map(({ path }) => `      '${path}') at='${path}' ;;`)
  .join('\n')}
    esac
  done
  local words=
  case "$at" in
${entries.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _oagent oagent
`,
  zsh: (entries) => `#compdef oagent
_oagent() {
  local at=oagent word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
${below(entries)
  .map(({ path }) => `      ('${path}') at='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$at" in
${entries.map(({ path, words }) => `    ('${path}') compadd -- ${words.join(' ')} ;;`).join('\n')}
  esac
  _files
}
compdef _oagent oagent
`,
  fish: (entries) => `function __oagent_words
  set -l at oagent
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
${below(entries)
  .map(({ path }) => `      case '${path}'\n        set at '${path}'`)
  .join('\n')}
    end
  end
  switch "$at"
${entries.map(({ path, words }) => `    case '${path}'\n      printf '%s\\n' ${words.join(' ')}`).join('\n')}
  end
end
complete -c oagent -a '(__oagent_words)'
`,
};

function below([, ...commands]: readonly Entry[]): readonly Entry[] {
  return commands;
}
