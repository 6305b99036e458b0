/** Completion scripts for shells: the names of commands, flags and their values as they are now, in tables that the shell walks. */
import type { Command } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** A command by its words, and what may follow it. */
interface Entry {
  readonly path: string;
  readonly words: readonly string[];
}

/** Flags that take a value, and the values that there are; none: any, such as the name of a file. */
interface Values {
  readonly flags: readonly string[];
  readonly choices: readonly string[];
}

interface Tables {
  readonly entries: readonly Entry[];
  readonly values: readonly Values[];
}

/** Names consist of letters, digits and dashes: nothing needs quoting. */
export function completionScript(program: Command, shell: Shell): string {
  return SCRIPTS[shell]({ entries: entriesOf(program, program.name()), values: valuesOf(program) });
}

function entriesOf(command: Command, path: string): Entry[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).map((child) => child.name());
  const flags = help.visibleOptions(command).flatMap(({ short, long }) => [short, long]);
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const words = [...commands, ...choices, ...flags].filter((word) => word !== undefined);
  return [
    { path, words },
    ...command.commands.flatMap((child) =>
      commands.includes(child.name()) ? entriesOf(child, `${path} ${child.name()}`) : [],
    ),
  ];
}

function valuesOf(program: Command): Values[] {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  const options = all(program).flatMap((command) => command.createHelp().visibleOptions(command));
  const byChoices = Map.groupBy(
    options.filter(({ required }) => required),
    ({ argChoices }) => (argChoices ?? []).join(' '),
  );
  return [...byChoices].map(([choices, same]) => ({
    flags: [...new Set(same.flatMap(({ short, long }) => [short, long]))].filter(
      (flag) => flag !== undefined,
    ),
    choices: choices.split(' ').filter((choice) => choice !== ''),
  }));
}

const SCRIPTS: { readonly [S in Shell]: (tables: Tables) => string } = {
  bash: ({ entries, values }) => `_oagent() {
  local at=oagent word previous= words=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$previous" in
      ${flagsOf(values).join('|')}) previous=; continue ;;
    esac
    previous="$word"
    case "$at $word" in
${below(entries)
  .map(({ path }) => `      '${path}') at='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$at" in
${entries.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n')}
  esac
  case "$previous" in
${values.map(({ flags, choices }) => `    ${flags.join('|')}) words='${choices.join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _oagent oagent
`,
  zsh: ({ entries, values }) => `#compdef oagent
_oagent() {
  local at=oagent word previous=
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$previous" in
      (${flagsOf(values).join('|')}) previous=; continue ;;
    esac
    previous="$word"
    case "$at $word" in
${below(entries)
  .map(({ path }) => `      ('${path}') at='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$previous" in
${values.map(({ flags, choices }) => `    (${flags.join('|')}) ${choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`}; return ;;`).join('\n')}
  esac
  case "$at" in
${entries.map(({ path, words }) => `    ('${path}') compadd -- ${words.join(' ')} ;;`).join('\n')}
  esac
  _files
}
if [ "$funcstack[1]" = _oagent ]; then
  _oagent "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit; compinit; }
  compdef _oagent oagent
fi
`,
  fish: ({ entries, values }) => `function __oagent_words
  set -l at oagent
  set -l previous
  for word in (commandline -opc)[2..-1]
    if contains -- "$previous" ${flagsOf(values).join(' ')}
      set previous
      continue
    end
    set previous $word
    switch "$at $word"
${below(entries)
  .map(({ path }) => `      case '${path}'\n        set at '${path}'`)
  .join('\n')}
    end
  end
  switch "$previous"
${values.map(({ flags, choices }) => `    case ${flags.join(' ')}\n      ${choices.length === 0 ? '__fish_complete_path (commandline -ct)' : `printf '%s\\n' ${choices.join(' ')}`}\n      return`).join('\n')}
  end
  switch "$at"
${entries.map(({ path, words }) => `    case '${path}'\n      printf '%s\\n' ${words.join(' ')}`).join('\n')}
  end
  __fish_complete_path (commandline -ct)
end
complete -c oagent -f -a '(__oagent_words)'
`,
};

function flagsOf(values: readonly Values[]): string[] {
  return values.flatMap(({ flags }) => flags);
}

function below([, ...commands]: readonly Entry[]): readonly Entry[] {
  return commands;
}
