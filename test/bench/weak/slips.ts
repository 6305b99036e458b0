/**
 * The ways in which small models get a move wrong: one entry a way, with how often it comes up among the others. What a slip asks for
 * is what a harness may do because of it; anything else that it does, nobody asked for.
 */
import type { ScriptedCall, Turn } from '../../../src/demo/script.ts';
import type { JsonObject } from '../../../src/protocol.ts';
import { leakForms } from './leak-forms.ts';
import {
  type Action,
  callFor,
  commandCall,
  type Edit,
  editCall,
  effectOf,
  type Move,
  patchOf,
  unifiedDiff,
} from './moves.ts';
import type { Random } from './random.ts';
import type { Situation } from './situation.ts';
import { announcements, claims, fencedIntros, permissions } from './wording.ts';

/** One answer of the weak model. */
export interface Said {
  readonly turn: Turn;
  /** The slip, or `right`. */
  readonly name: string;
  /** Commands and files that the answer asks to run or to change. */
  readonly asked: readonly string[];
}

interface Slip {
  readonly name: string;
  readonly weight: number;
  readonly fits: (move: Move, situation: Situation) => boolean;
  readonly say: (move: Action, situation: Situation, random: Random) => Omit<Said, 'name'>;
}

const isAction = (move: Move): boolean => move.kind !== 'answer';
const isEdit = (move: Move): boolean => move.kind === 'edit';
const hasEdit = (move: Move): move is Edit => move.kind === 'edit';

/** The file and the command that a wording is about. */
function worded(text: string, { task, next }: Situation): Omit<Said, 'name'> {
  const file = next.kind === 'edit' || next.kind === 'read' ? next.file : (Object.keys(task.fixed)[0] ?? '');
  return { turn: { content: text.replaceAll('FILE', file).replaceAll('COMMAND', task.test) }, asked: [] };
}

const called = (call: ScriptedCall, asked: readonly string[] = []): Omit<Said, 'name'> => ({
  turn: { toolCalls: [call] },
  // A wrong command is asked for too, as it is written.
  asked: [...asked, ...Object.values(call.arguments).filter((value) => typeof value === 'string')],
});

const slips: readonly Slip[] = [
  {
    name: 'announced and stopped',
    weight: 12,
    fits: isAction,
    say: (_, situation, random) => worded(random.pick(announcements) ?? '', situation),
  },
  {
    name: 'asked for permission',
    weight: 5,
    fits: isAction,
    say: (_, situation, random) => worded(random.pick(permissions) ?? '', situation),
  },
  {
    name: 'done without doing',
    weight: 3,
    fits: isAction,
    say: (_, situation, random) => worded(random.pick(claims) ?? '', situation),
  },
  { name: 'fenced command', weight: 3, fits: isAction, say: fencedCommand },
  {
    name: 'wrong name',
    weight: 12,
    fits: (move) => ['read', 'edit', 'test'].includes(move.kind),
    say: wrongName,
  },
  { name: 'wrong arguments', weight: 10, fits: isAction, say: wrongArguments },
  { name: 'leaked call', weight: 14, fits: isAction, say: leaked },
  { name: 'cut call', weight: 5, fits: isAction, say: cut },
  { name: 'wrong indentation', weight: 6, fits: isEdit, say: wrongIndentation },
  { name: 'unified diff', weight: 4, fits: isEdit, say: unified },
  { name: 'whole file', weight: 5, fits: isEdit, say: wholeFile },
  { name: 'remembered lines', weight: 5, fits: isEdit, say: rememberedLines },
  {
    name: 'hallucinated path',
    weight: 8,
    fits: (move) => move.kind === 'read' || move.kind === 'edit',
    say: wrongPath,
  },
  { name: 'empty', weight: 4, fits: () => true, say: () => ({ turn: { content: '' }, asked: [] }) },
  {
    name: 'thought only',
    weight: 4,
    fits: () => true,
    say: () => ({
      turn: { content: '', thinking: 'I should think about what to do next. The file has to change.' },
      asked: [],
    }),
  },
  { name: 'same call again', weight: 6, fits: (_, { lastCall }) => lastCall !== undefined, say: again },
  { name: 'thought away', weight: 3, fits: isAction, say: thoughtAway },
];

/** A wrong answer in place of `situation.next`. */
export function slip(situation: Situation, random: Random): Said {
  const { next } = situation;
  const chosen = weighted(
    slips.filter(({ fits }) => fits(next, situation)),
    random,
  );
  return { name: chosen.name, ...chosen.say(next as Action, situation, random) };
}

function weighted(entries: readonly Slip[], random: Random): Slip {
  let left = random.next() * entries.reduce((sum, { weight }) => sum + weight, 0);
  const found = entries.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  if (found === undefined) throw new Error('no slip fits');
  return found;
}

function fencedCommand(move: Action, { task }: Situation, random: Random): Omit<Said, 'name'> {
  const command =
    move.kind === 'read'
      ? `cat ${move.file}`
      : move.kind === 'find'
        ? `grep -rn "${move.pattern}" .`
        : task.test;
  const content = `${random.pick(fencedIntros)}\n\n\`\`\`${random.pick(['bash', 'sh', ''])}\n${command}\n\`\`\``;
  // A harness may run what ends an answer, if it is certain.
  return { turn: { content: content.trimStart() }, asked: [command] };
}

function wrongName(move: Action, situation: Situation, random: Random): Omit<Said, 'name'> {
  const asked = effectOf(move);
  if (move.kind === 'read') {
    const name = random.pick(['open_file', 'view_file', 'get_file_contents', 'file_read', 'cat', 'Read']);
    return called(
      { name, arguments: { [random.pick(['path', 'file_path', 'filename'])]: move.file } },
      asked,
    );
  }
  if (move.kind === 'test') {
    const name = random.pick([
      'run_terminal_cmd',
      'execute_bash',
      'bash',
      'run_shell_command',
      'terminal',
      'run_tests',
      'python',
    ]);
    return called({ name, arguments: { [random.pick(['command', 'cmd', 'code'])]: move.command } }, asked);
  }
  if (!hasEdit(move)) return called(callFor(move, situation.names), asked);
  const name = random.pick(['replace_in_file', 'str_replace', 'replace', 'edit_file', 'file_edit']);
  const [before, after] = changedPassage(move);
  const args = random.pick<JsonObject>([
    { path: move.file, old_str: before, new_str: after },
    { file_path: move.file, old_string: before, new_string: after },
    { path: move.file, diff: `<<<<<<< SEARCH\n${before}=======\n${after}>>>>>>> REPLACE` },
  ]);
  return called({ name, arguments: args }, asked);
}

/** The lines that differ, with one around them. */
function changedPassage({ before, after }: Edit): readonly [string, string] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (a[start] === b[start]) start += 1;
  let end = 0;
  while (a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const from = Math.max(0, start - 1);
  const to = Math.max(0, end - 1);
  const part = (lines: readonly string[]): string => `${lines.slice(from, lines.length - to).join('\n')}\n`;
  return [part(a), part(b)];
}

function wrongArguments(move: Action, { names }: Situation, random: Random): Omit<Said, 'name'> {
  const { name, arguments: args } = callFor(move, names);
  const [key = '', value] = Object.entries(args)[0] ?? [];
  const wrong = random.pick<JsonObject>([
    { ...args, offset: '1', limit: '200' },
    { arguments: args },
    { arguments: JSON.stringify(args) },
    { input: typeof value === 'string' ? value : args },
    { value },
    { [key]: JSON.stringify(value) },
    { [key]: [value] },
    { [`${key}_name`]: value },
    {},
  ]);
  return called({ name, arguments: wrong }, effectOf(move));
}

function leaked(move: Action, { names }: Situation, random: Random): Omit<Said, 'name'> {
  const call = callFor(move, names);
  const asked = effectOf(move);
  if (hasEdit(move) && random.chance(0.3)) {
    const patch = patchOf(move);
    return {
      turn: { content: random.pick([patch, `Here is the patch:\n\n\`\`\`diff\n${patch}\n\`\`\``]) },
      asked,
    };
  }
  const [, form] = random.pick(leakForms) ?? [];
  return { turn: { content: form?.(call.name, call.arguments) ?? '' }, asked };
}

function cut(move: Action, { names }: Situation, random: Random): Omit<Said, 'name'> {
  const call = callFor(move, names);
  const whole = JSON.stringify({ name: call.name, arguments: call.arguments });
  const part = whole.slice(0, Math.ceil(whole.length * (0.5 + 0.4 * random.next())));
  const content = random.pick([part, `<tool_call>\n${part}`, `I do it now.\n${part}`, `\`\`\`json\n${part}`]);
  return { turn: { content, doneReason: random.pick(['stop', 'stop', 'length']) }, asked: [] };
}

function wrongIndentation(move: Action, { names }: Situation, random: Random): Omit<Said, 'name'> {
  if (!hasEdit(move)) throw new Error('only an edit has indentation');
  const reindent = random.pick<(line: string, isAdded: boolean) => string>([
    (line) => line.replace(/^ {2,4}|^\t/, ''),
    (line) => line.replaceAll('\t', '    '),
    (line) => line.replace(/^( +)/, (blanks) => '\t'.repeat(Math.max(1, blanks.length / 4))),
    (line) => line.trimStart(),
    (line, isAdded) => (isAdded ? line.trimStart() : line),
    (line, isAdded) => (isAdded ? `  ${line}` : line),
  ]);
  const call = editCall(move, names, (lines) =>
    lines.map((line) => line.charAt(0) + reindent(line.slice(1), line.startsWith('+'))),
  );
  return called(call, effectOf(move));
}

function unified(move: Action, { names }: Situation, random: Random): Omit<Said, 'name'> {
  if (!hasEdit(move)) throw new Error('only an edit is a diff');
  const diff = unifiedDiff(move);
  const asked = effectOf(move);
  const broken = diff.replace(/^@@ .*$/gm, '@@ ... @@');
  if (names.includes('edit_file')) {
    const text = random.pick([diff, broken]);
    return called({ name: 'edit_file', arguments: { path: move.file, diff: text } }, asked);
  }
  return random.pick<Omit<Said, 'name'>>([
    called({ name: 'apply_patch', arguments: { input: diff } }, asked),
    called(
      { name: 'apply_patch', arguments: { input: `diff --git a/${move.file} b/${move.file}\n${diff}` } },
      asked,
    ),
    called({ name: 'apply_patch', arguments: { input: broken } }, asked),
    { turn: { content: `\`\`\`diff\n${diff}\`\`\`` }, asked },
  ]);
}

function wholeFile(move: Action, { names, task }: Situation, random: Random): Omit<Said, 'name'> {
  if (!hasEdit(move)) throw new Error('only an edit has a text');
  const { file, after } = move;
  const asked = effectOf(move);
  const added = after
    .split('\n')
    .slice(0, -1)
    .map((line) => `+${line}`);
  const fence = `\`\`\`${task.language}\n${after}\`\`\``;
  const here = `cat > ${file} <<'EOF'\n${after}EOF`;
  return random.pick<Omit<Said, 'name'>>([
    called({ name: 'write_file', arguments: { path: file, content: after } }, asked),
    called({ name: 'write_to_file', arguments: { file_path: file, content: after } }, asked),
    called(
      {
        name: 'apply_patch',
        arguments: {
          input: ['*** Begin Patch', `*** Add File: ${file}`, ...added, '*** End Patch'].join('\n'),
        },
      },
      asked,
    ),
    called(commandCall(here, names), [here]),
    { turn: { content: `Here is the corrected ${file}:\n\n${fence}` }, asked },
  ]);
}

function rememberedLines(move: Action, { names }: Situation, random: Random): Omit<Said, 'name'> {
  if (!hasEdit(move)) throw new Error('only an edit has lines');
  const call = editCall(move, names, (lines) =>
    lines.flatMap((line) => {
      if (line.startsWith('+')) return [line];
      return random.chance(0.4) ? [`${line.charAt(0)}${line.slice(1).replace(/\w+/, 'value')}`] : [line];
    }),
  );
  return called(call, effectOf(move));
}

function wrongPath(move: Action, situation: Situation, random: Random): Omit<Said, 'name'> {
  if (move.kind !== 'edit' && move.kind !== 'read') throw new Error('the move has no path');
  const base = move.file.slice(move.file.lastIndexOf('/') + 1);
  const folder = random.pick(['lib', 'app', 'src/utils', '/workspace', '/home/user/project/src']);
  const file = `${folder}/${base}`;
  return called(callFor({ ...move, file }, situation.names), effectOf(move));
}

function again(_: Action, { lastCall, task }: Situation): Omit<Said, 'name'> {
  if (lastCall === undefined) throw new Error('there was no call');
  return called(lastCall, [...Object.keys(task.fixed), task.test, JSON.stringify(lastCall.arguments)]);
}

/** A call in a draft that the model then gives up: it must not run. */
function thoughtAway(move: Action, { names }: Situation): Omit<Said, 'name'> {
  const draft = JSON.stringify({ name: 'exec_command', arguments: { cmd: 'touch draft.txt' } });
  const call = callFor(move, names);
  const content = `<think>Perhaps like this:\n<tool_call>\n${draft}\n</tool_call>\nNo, better not.</think>`;
  return { turn: { content, toolCalls: [call] }, asked: effectOf(move) };
}
