/**
 * Finds the tool that a model meant by a name: spellings, namespaces, aliases and near misses.
 *
 * A declared name always means itself; an alias never hides a declared tool; an ambiguous near miss means nothing.
 */
import type { ToolSchema } from '../chat.ts';

const NAMESPACE = /^(?:functions|tools|default_api|repo_browser)[.:/]/i;
const MAX_NAME = 100;
const MAX_EDITS = 2;
const MIN_NEAR_MISS = 5;

const SHELL_NAMES = [
  'bash',
  'sh',
  'containerexec',
  'exec',
  'execcommand',
  'runshellcommand',
  'runcommand',
  'executecommand',
  'shellcommand',
  'terminal',
  'localshell',
  'runterminalcmd',
  'runterminalcommand',
  'runinterminal',
  'executebash',
  'executeshell',
  'runbash',
  'runshell',
  'bashtool',
  'cmd',
  'command',
];

const EDIT_NAMES = [
  'strreplace',
  'strreplaceeditor',
  'strreplacebasededittool',
  'replace',
  'replaceinfile',
  'searchreplace',
  'searchandreplace',
  'edit',
  'editexistingfile',
  'fileedit',
  'modifyfile',
  'updatefile',
];

const WRITE_NAMES = [
  'write',
  'writetofile',
  'filewrite',
  'savefile',
  'createfile',
  'createnewfile',
  'overwritefile',
];

/** What models trained on other agents call our tools, in folded spelling. The first declared tool wins. */
const ALIASES: { readonly [tool: string]: readonly string[] } = {
  shell: SHELL_NAMES,
  exec_command: ['shell', ...SHELL_NAMES],
  run_tests: [
    'runtest',
    'test',
    'tests',
    'runtestsuite',
    'executetests',
    'rununittests',
    'pytest',
    'npmtest',
  ],
  read_file: [
    'read',
    'cat',
    'open',
    'openfile',
    'view',
    'viewfile',
    'readfile',
    'readtextfile',
    'filereader',
    'fileread',
    'getfile',
    'getfilecontents',
    'showfile',
  ],
  ripgrep: [
    'grep',
    'rg',
    'search',
    'grepfiles',
    'grepsearch',
    'searchfiles',
    'searchfilecontent',
    'searchtext',
    'findinfiles',
    'findtext',
    'searchcode',
    'codesearch',
  ],
  edit_file: EDIT_NAMES,
  write_file: WRITE_NAMES,
  apply_patch: [
    ...EDIT_NAMES,
    ...WRITE_NAMES,
    'editfile',
    'writefile',
    'applydiff',
    'applypatch',
    'patch',
    'patchfile',
  ],
  update_plan: ['todowrite', 'writetodos', 'managetodolist', 'plan', 'createplan', 'todo', 'todolist'],
};

/** Lower case without `-`, `_`, `.` and spaces, so that `readFile`, `read-file` and `read_file` are equal. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, '');
}

/** The tool of exactly this name, with or without a namespace. */
export function ownTool(name: string, tools: readonly ToolSchema[]): ToolSchema | undefined {
  const bare = name.replace(NAMESPACE, '');
  return tools.find((tool) => tool.function.name === name || tool.function.name === bare);
}

/**
 * The declared tool that `name` means: by exact name, spelling, namespace (`functions.`), known alias, or an
 * unambiguous near miss (at most two edits); undefined if it means none.
 */
export function findTool(name: string, tools: readonly ToolSchema[]): ToolSchema | undefined {
  const exact = tools.find((tool) => tool.function.name === name);
  if (exact !== undefined) return exact;
  // gpt-oss runs its next token into the name: `shell<|channel|>commentary`.
  const written = (name.split('<|', 1)[0] ?? '').trim();
  if (written === '' || written.length > MAX_NAME) return undefined;
  for (const spelling of new Set([written, written.replace(NAMESPACE, '')])) {
    const tool = findSpelling(spelling, tools);
    if (tool !== undefined) return tool;
  }
  return findNearMiss(foldName(written.replace(NAMESPACE, '')), tools);
}

/** Like findTool, but returns the name: a declared one, or `name` itself if it means no tool. */
export function resolveToolName(name: string, tools: readonly ToolSchema[]): string {
  return findTool(name, tools)?.function.name ?? name;
}

function findSpelling(name: string, tools: readonly ToolSchema[]): ToolSchema | undefined {
  const folded = foldName(name);
  const same = tools.filter((tool) => foldName(tool.function.name) === folded);
  if (same.length > 0) return same.find((tool) => tool.function.name === name) ?? single(same);
  return tools.find((tool) => (ALIASES[tool.function.name] ?? []).includes(folded));
}

function findNearMiss(folded: string, tools: readonly ToolSchema[]): ToolSchema | undefined {
  if (folded.length < MIN_NEAR_MISS) return undefined;
  const near = tools.filter((tool) => {
    const own = foldName(tool.function.name);
    return own.length >= MIN_NEAR_MISS && editDistance(folded, own) <= MAX_EDITS;
  });
  return single(near);
}

function single<T>(values: readonly T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}

/** Levenshtein distance; more than MAX_EDITS at once if the lengths alone say so. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return MAX_EDITS + 1;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
