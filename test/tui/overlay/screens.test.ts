import { expect, test } from 'vitest';
import type { ApprovalRequest, FileChange } from '../../../src/protocol.ts';
import type { LineContext } from '../../../src/tui/lines/style.ts';
import { type ApprovalState, addApproval, wakeApproval } from '../../../src/tui/overlay/approval.ts';
import { approvalLines, waitingLine } from '../../../src/tui/overlay/approval-lines.ts';
import { helpLines, openHelp } from '../../../src/tui/overlay/help.ts';
import type { ModelEntry } from '../../../src/tui/overlay/model-items.ts';
import { modelPickerLines } from '../../../src/tui/overlay/model-lines.ts';
import {
  handleModelKey,
  type ModelPickerState,
  modelPullFailed,
  modelPullProgress,
  openModelPicker,
} from '../../../src/tui/overlay/model-picker.ts';
import { noServerLines, openNoServer } from '../../../src/tui/overlay/no-server.ts';
import {
  handlePermissionsKey,
  openPermissions,
  permissionsLines,
} from '../../../src/tui/overlay/permissions.ts';
import { handlePickerKey, type PickerState } from '../../../src/tui/overlay/picker.ts';
import { pickerLines } from '../../../src/tui/overlay/picker-lines.ts';
import { openResumePicker } from '../../../src/tui/overlay/resume-picker.ts';
import { openThemePicker } from '../../../src/tui/overlay/theme-picker.ts';
import { openTrust, trustLines } from '../../../src/tui/overlay/trust.ts';
import { keyOf } from '../../../src/tui/term/keys.ts';
import { contextOf, expectToFit, seen } from './overlay-screen.ts';

const COMMAND: ApprovalRequest = {
  id: '1',
  kind: 'command',
  command: 'npm install --save-dev vitest@latest && npm run build -- --mode production',
  cwd: '/home/ada/shop/packages/web',
  reason: 'the command wants to leave the sandbox: it needs the network',
  justification: 'I need vitest to run the tests. Shall I install it?',
  prefix: ['npm', 'install'],
};

const LONG: ApprovalRequest = {
  id: '2',
  kind: 'command',
  command: `cat > src/list.txt <<'EOF'\n${Array.from({ length: 40 }, (_, i) => `\titem ${i + 1}`).join('\n')}\nEOF\nrm -rf ./old`,
  cwd: '/home/ada/shop',
  reason: 'it removes files',
};

const PATCH: ApprovalRequest = {
  id: '3',
  kind: 'patch',
  cwd: '/home/ada/shop',
  reason: 'the folder is read-only',
  changes: [
    {
      path: '/home/ada/shop/src/price.ts',
      kind: 'update',
      diff: [
        '--- a/src/price.ts',
        '+++ b/src/price.ts',
        '@@ -9,4 +9,5 @@',
        ' export function total(items: Item[]): number {',
        '-  return items.length;',
        '+  const prices = items.map((item) => item.price * item.count);',
        '+  return prices.reduce((sum, price) => sum + price, 0);',
        ' }',
        ' ',
        '@@ -40,2 +41,2 @@',
        '-const TAX = 0.16;',
        '+const TAX = 0.19;',
        ' ',
      ].join('\n'),
    },
    { path: '/home/ada/notes.md', kind: 'add', diff: '--- /dev/null\n+++ b/notes.md\n@@ -0,0 +1 @@\n+hello' },
  ],
};

function asked(...requests: readonly ApprovalRequest[]): ApprovalState {
  const all = requests.reduce<ApprovalState | undefined>(
    (state, request) => addApproval(state, request, undefined),
    undefined,
  );
  if (all === undefined) throw new Error('no request');
  return wakeApproval(all, { now: 0, isComposerEmpty: true });
}

const MODELS: readonly ModelEntry[] = [
  {
    name: 'qwen3-coder:30b',
    sizeBytes: 18_556_700_761,
    parameterSize: '30.5B',
    contextLength: 262_144,
    tools: true,
    isRunning: true,
    isCurrent: true,
  },
  {
    name: 'gpt-oss:20b',
    sizeBytes: 13_793_441_244,
    parameterSize: '20.9B',
    contextLength: 131_072,
    tools: true,
    thinking: true,
    hasThinkLevels: true,
  },
  { name: 'gemma3:4b', sizeBytes: 3_338_801_804, parameterSize: '4.3B', tools: false, vision: true },
];

const typedInto = (state: PickerState, text: string): PickerState => {
  const step = handlePickerKey(state, keyOf(text));
  if ('result' in step) throw new Error('closed');
  return step.state;
};

const pressed = (state: ModelPickerState, ...chords: readonly string[]): ModelPickerState =>
  chords.reduce((at, chord) => {
    const step = handleModelKey(at, keyOf(chord));
    if ('result' in step) throw new Error('closed');
    return step.state;
  }, state);

function pulling(): ModelPickerState {
  let state = pressed(openModelPicker([], undefined), 'enter');
  for (let second = 0; second <= 4; second += 1) {
    const completed = 8_000_000_000 + second * 52_000_000;
    state = modelPullProgress(
      state,
      { status: 'pulling 1194192cf2a1', digest: 'sha256:1194', total: 18_556_685_856, completed },
      second * 1000,
    );
  }
  return state;
}

const NOW = Date.UTC(2026, 10, 21, 12);
const SESSIONS = openResumePicker(
  [
    {
      id: 'a',
      firstPrompt: 'fix the rounding of the total\nit is off by a cent',
      usedAt: NOW - 240_000,
      cwd: '/home/ada/shop',
      branch: 'main',
      source: 'cli',
    },
    {
      id: 'b',
      name: 'tax of 2027',
      firstPrompt: 'x',
      usedAt: NOW - 3 * 86_400_000,
      cwd: '/home/ada/shop',
      branch: 'tax',
      source: 'cli',
    },
    ...Array.from({ length: 30 }, (_, i) => ({
      id: `s${i}`,
      firstPrompt: `session ${i}`,
      usedAt: NOW - (i + 40) * 86_400_000,
      cwd: '/srv/www',
      source: 'cli' as const,
    })),
  ],
  { now: NOW, home: '/home/ada' },
);

function confirming(): ReturnType<typeof openPermissions> {
  const step = handlePermissionsKey(
    openPermissions({ mode: 'workspace-write', approval: 'on-request' }),
    keyOf('5'),
  );
  if ('result' in step) throw new Error('closed');
  return step.state;
}

const HELP = openHelp({
  keys: [
    { keys: 'enter', hint: 'send; while a turn runs, steer it' },
    { keys: 'shift+enter', hint: 'new line' },
    { keys: 'ctrl+t', hint: 'transcript with full output' },
  ],
  commands: [
    { name: 'model', description: 'choose the model' },
    { name: 'permissions', description: 'choose what oagent may do without asking' },
  ],
});

const NO_SERVER = openNoServer({
  host: 'http://127.0.0.1:11434',
  problem: 'connect ECONNREFUSED 127.0.0.1:11434',
  isFromEnv: false,
  platform: 'linux',
  isInstalled: false,
});

type Draw = (ctx: LineContext, maxRows: number) => string[];

const SCREENS: readonly (readonly [string, Draw])[] = [
  ['approval of a command', (ctx, rows) => approvalLines(asked(COMMAND), ctx, rows)],
  [
    'approval with an objection',
    (ctx, rows) => approvalLines(asked({ ...COMMAND, objection: 'nobody asked for a package' }), ctx, rows),
  ],
  ['approval of a long command', (ctx, rows) => approvalLines(asked(LONG, COMMAND, PATCH), ctx, rows)],
  ['approval of a patch', (ctx, rows) => approvalLines(asked(PATCH), ctx, rows)],
  ['waiting', (ctx) => [waitingLine(asked(COMMAND), ctx)]],
  ['instead', (ctx) => [waitingLine({ ...asked(PATCH), phase: 'instead' }, ctx)]],
  ['trust', (ctx, rows) => trustLines(openTrust('/home/ada/shop'), ctx, rows)],
  ['no server', (ctx, rows) => noServerLines(NO_SERVER, ctx, rows)],
  ['models', (ctx, rows) => modelPickerLines(openModelPicker(MODELS, 'medium'), ctx, rows)],
  ['no model', (ctx, rows) => modelPickerLines(openModelPicker([], undefined), ctx, rows)],
  [
    'effort',
    (ctx, rows) => modelPickerLines(pressed(openModelPicker(MODELS, 'medium'), 'down', 'enter'), ctx, rows),
  ],
  ['pulling', (ctx, rows) => modelPickerLines(pulling(), ctx, rows)],
  [
    'pull failed',
    (ctx, rows) =>
      modelPickerLines(modelPullFailed(pulling(), 'pull model manifest: file does not exist'), ctx, rows),
  ],
  ['sessions', (ctx, rows) => pickerLines(SESSIONS, ctx, rows)],
  ['sessions, searched', (ctx, rows) => pickerLines(typedInto(SESSIONS, 'tax'), ctx, rows)],
  ['sessions, none found', (ctx, rows) => pickerLines(typedInto(SESSIONS, 'zzz'), ctx, rows)],
  [
    'permissions',
    (ctx, rows) =>
      permissionsLines(openPermissions({ mode: 'workspace-write', approval: 'on-request' }), ctx, rows),
  ],
  ['permissions, confirm', (ctx, rows) => permissionsLines(confirming(), ctx, rows)],
  ['theme', (ctx, rows) => pickerLines(openThemePicker('auto'), ctx, rows)],
  ['help', (ctx, rows) => helpLines(HELP, ctx, rows)],
];

test.each(SCREENS)('%s', (_name, draw) => {
  for (const width of [20, 60, 100]) {
    for (const rows of [8, 24]) {
      const lines = draw(contextOf(width), rows);
      expectToFit(lines, width, rows);
      expect(`${width}x${rows}\n${seen(lines)}\n`).toMatchSnapshot();
    }
  }
});

test('an edit of several files says of which file the rows after the hidden ones are', () => {
  const added = Array.from({ length: 30 }, (_, at) => `+line ${at}`).join('\n');
  const add = (path: string): FileChange => ({
    path: `/home/ada/shop/src/${path}`,
    kind: 'add',
    diff: `@@ -0,0 +1,30 @@\n${added}`,
  });
  const hidden = (width: number, rows: number, ...paths: string[]): string | undefined =>
    seen(approvalLines(asked({ ...PATCH, changes: paths.map(add) }), contextOf(width), rows))
      .split('\n')
      .find((line) => line.includes('… +'));
  expect([
    hidden(80, 24, 'a.ts', 'b.ts', 'c.ts'),
    hidden(40, 24, 'a.ts', 'b.ts', 'c.ts'),
    hidden(20, 30, 'a.ts', 'b.ts', 'c.ts'),
    hidden(80, 24, 'a.ts'),
  ]).toEqual([
    '    … +84 lines, then src/c.ts (ctrl+t to show all)',
    '    … +86 lines, then src/c.ts',
    '    … +90 lines',
    '    … +19 lines (ctrl+t to show all)',
  ]);
});

test('what trust means is not dim', () => {
  const rows = trustLines(openTrust('/home/ada/shop'), contextOf(80), 20);
  expect(rows.find((row) => row.includes('If you do'))?.includes('\x1b[2m')).toBe(false);
});

test('help at 40 columns has keys and what they do side by side', () => {
  const help = openHelp({
    keys: [{ keys: 'alt+backspace', hint: 'delete the previous word' }],
    commands: [],
  });
  expect(
    seen(helpLines(help, contextOf(40), 20))
      .split('\n')
      .slice(0, 3),
  ).toEqual(['Keys', '  alt+backspace  delete the previous', '                 word']);
});
