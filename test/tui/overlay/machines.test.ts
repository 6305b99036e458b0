import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ApprovalRequest, type FileChange, PLAN_MODE } from '../../../src/protocol.ts';
import { formatBytes } from '../../../src/text/digits.ts';
import {
  type ApprovalState,
  addApproval,
  approvalDrawn,
  handleApprovalKey,
  wakeApproval,
} from '../../../src/tui/overlay/approval.ts';
import { approvalFullLines, approvalLines, waitingLine } from '../../../src/tui/overlay/approval-lines.ts';
import { codeLines, codeRows } from '../../../src/tui/overlay/code-rows.ts';
import { handleHelpKey, helpLines, openHelp } from '../../../src/tui/overlay/help.ts';
import { modelEntry, modelItems } from '../../../src/tui/overlay/model-items.ts';
import { modelPickerLines } from '../../../src/tui/overlay/model-lines.ts';
import {
  handleModelKey,
  type ModelPickerState,
  modelPulled,
  modelPullFailed,
  modelPullProgress,
  openModelPicker,
  setModels,
} from '../../../src/tui/overlay/model-picker.ts';
import {
  handleNoServerKey,
  noServerLines,
  noServerTrying,
  openNoServer,
} from '../../../src/tui/overlay/no-server.ts';
import type { Step } from '../../../src/tui/overlay/overlay.ts';
import {
  handlePermissionsKey,
  openPermissions,
  permissionsLines,
} from '../../../src/tui/overlay/permissions.ts';
import {
  handlePickerKey,
  openPicker,
  type PickerState,
  setPickerItems,
} from '../../../src/tui/overlay/picker.ts';
import { pickerLines } from '../../../src/tui/overlay/picker-lines.ts';
import { pullFigures, pullProgress, startPull } from '../../../src/tui/overlay/pull.ts';
import { formatAge } from '../../../src/tui/overlay/resume-picker.ts';
import { handleTrustKey, openTrust, trustDrawn, trustLines } from '../../../src/tui/overlay/trust.ts';
import type { Key } from '../../../src/tui/term/keys.ts';
import { keyOf } from '../../../src/tui/term/keys.ts';
import { anyKey, anySize, anyText, contextOf, expectToFit, seen } from './overlay-screen.ts';

const anyKeys = fc.array(anyKey, { maxLength: 30 });

/** Feeds keys until the machine ends, and looks at every picture on the way. */
function feed<S, R>(
  first: S,
  keys: readonly Key[],
  handle: (state: S, key: Key) => Step<S, R>,
  look: (state: S) => void,
): R | undefined {
  let state = first;
  look(state);
  for (const key of keys) {
    const step = handle(state, key);
    if ('result' in step) return step.result;
    state = step.state;
    look(state);
  }
  return undefined;
}

const anyItem = fc.record(
  { id: fc.uuid(), label: anyText, detail: anyText, hint: anyText, disabled: fc.boolean() },
  { requiredKeys: ['id', 'label'] },
);
const anyPicker = fc
  .record(
    {
      title: anyText,
      note: anyText,
      items: fc.array(anyItem, { maxLength: 40 }),
      filterHint: anyText,
      hasNumbers: fc.boolean(),
      emptyText: anyText,
    },
    { requiredKeys: ['title', 'items'] },
  )
  .map(openPicker);

test('pickers: any keys, any text, any size', () => {
  fc.assert(
    fc.property(anyPicker, anyKeys, anySize, (picker, keys, { width, maxRows }) => {
      const result = feed(picker, keys, handlePickerKey, (state) => {
        expectToFit(pickerLines(state, contextOf(width), maxRows), width, maxRows);
        const selected = state.shown[state.selected];
        if (state.shown.some(({ disabled }) => !disabled)) expect(selected?.disabled).not.toBe(true);
      });
      if (result?.type === 'chosen') {
        expect(picker.items.find(({ id }) => id === result.id)?.disabled).not.toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

const LIST = openPicker({
  title: 'List',
  items: [
    { id: 'a', label: 'Apple', detail: 'red' },
    { id: 'b', label: 'Banana', disabled: true },
    { id: 'c', label: 'Cherry', detail: 'dark red' },
  ],
  filterHint: 'search',
});

function after(state: PickerState, ...chords: readonly string[]): PickerState {
  return chords.reduce((at, chord) => {
    const step = handlePickerKey(at, keyOf(chord));
    if ('result' in step) throw new Error(`ended at ${chord}`);
    return step.state;
  }, state);
}

test('a picker passes over what is disabled, goes around, and filters by all words', () => {
  const ids = (state: PickerState) => ({
    shown: state.shown.map(({ id }) => id).join(''),
    selected: state.selected,
  });
  expect(ids(after(LIST, 'down'))).toEqual({ shown: 'abc', selected: 2 });
  expect(ids(after(LIST, 'down', 'down'))).toEqual({ shown: 'abc', selected: 0 });
  expect(ids(after(LIST, 'up'))).toEqual({ shown: 'abc', selected: 2 });
  expect(ids(after(LIST, 'pagedown', 'home'))).toEqual({ shown: 'abc', selected: 0 });
  expect(ids(after(LIST, 'R', 'e', 'd', ' ', 'D', 'a'))).toEqual({ shown: 'c', selected: 0 });
  expect(ids(after(LIST, 'z'))).toEqual({ shown: '', selected: 0 });
  expect(ids(after(LIST, 'z', 'enter', 'escape'))).toEqual({ shown: 'abc', selected: 0 });
  expect(ids(after(LIST, 'd', 'a', 'backspace', 'backspace', 'end'))).toEqual({ shown: 'abc', selected: 2 });
  expect(handlePickerKey(after(LIST, '3'), keyOf('escape'))).toHaveProperty('state');
  expect(handlePickerKey(LIST, keyOf('escape'))).toEqual({ result: { type: 'cancelled' } });
});

test('the selected entry stays selected when others come', () => {
  const items = [{ id: 'new', label: 'New' }, ...LIST.items];
  const state = setPickerItems(after(LIST, 'down'), items);
  expect(state.shown[state.selected]?.id).toBe('c');
});

test('numbers choose only where the list says so', () => {
  const numbered = openPicker({ title: 'x', items: LIST.items, hasNumbers: true });
  expect(handlePickerKey(numbered, keyOf('3'))).toEqual({ result: { type: 'chosen', id: 'c' } });
  expect(handlePickerKey(numbered, keyOf('2'))).toHaveProperty('state');
  expect(handlePickerKey(numbered, keyOf('9'))).toHaveProperty('state');
  expect(handlePickerKey(LIST, keyOf('3'))).toHaveProperty('state');
});

test('a list of 20,000 draws the rows near the selected one', () => {
  const items = Array.from({ length: 20_000 }, (_, i) => ({ id: `${i}`, label: `entry ${i}` }));
  const state = after(openPicker({ title: 'Long', items, filterHint: 'search' }), 'end');
  expect(seen(pickerLines(state, contextOf(40), 6))).toBe(
    [
      'Long 20000/20000',
      '   search',
      '  entry 19997',
      '  entry 19998',
      '› entry 19999',
      '  ↑↓ choose · enter select · esc cancel',
    ].join('\n'),
  );
});

const anyChange: fc.Arbitrary<FileChange> = fc.record(
  {
    path: anyText,
    kind: fc.constantFrom('add', 'delete', 'update'),
    movePath: anyText,
    diff: fc.oneof(
      anyText,
      fc.array(fc.tuple(fc.constantFrom('+', '-', ' '), anyText), { maxLength: 30 }).map((lines) => {
        const body = lines.map(([mark, text]) => `${mark}${text.replaceAll('\n', '')}`).join('\n');
        return `@@ -1,${lines.length} +1,${lines.length} @@\n${body}`;
      }),
    ),
  },
  { requiredKeys: ['path', 'kind', 'diff'] },
);
const anyRequest: fc.Arbitrary<ApprovalRequest> = fc.record(
  {
    id: fc.uuid(),
    kind: fc.constantFrom('command', 'patch'),
    command: fc.oneof(
      anyText,
      fc.array(anyText, { maxLength: 40 }).map((lines) => lines.join('\n')),
    ),
    cwd: anyText,
    changes: fc.array(anyChange, { maxLength: 4 }),
    reason: anyText,
    justification: anyText,
    prefix: fc.array(anyText, { maxLength: 3 }),
  },
  { requiredKeys: ['id', 'kind', 'cwd', 'reason'] },
);

test('approvals: any request, any keys, any size; the selected option is always seen', () => {
  fc.assert(
    fc.property(
      fc.array(anyRequest, { minLength: 1, maxLength: 3 }),
      anyKeys,
      anySize,
      (requests, keys, size) => {
        const { width, maxRows } = size;
        const ctx = contextOf(width);
        let state = requests.reduce<ApprovalState | undefined>(
          (all, one) => addApproval(all, one, undefined),
          undefined,
        );
        let now = 0;
        for (const key of keys) {
          if (state === undefined) return;
          state = approvalDrawn(wakeApproval(state, { now, isComposerEmpty: true }), now);
          const lines = approvalLines(state, ctx, maxRows);
          expectToFit(lines, width, maxRows);
          expect(seen(lines)).toMatch(/^› /m);
          expectToFit([waitingLine(state, ctx)], width, 1);
          now += 1000;
          state = handleApprovalKey(state, key, { now, isComposerEmpty: true }).state;
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a command hides nothing of itself', () => {
  const command = 'rm -rf ~\recho hi\b\b\x1b[2K\x1b[1A  ls \u202e sl';
  const lines = codeLines(command);
  expect(lines).toEqual(['rm -rf ~␍echo hi␈␈␛[2K␛[1A  ls <U+202E> sl']);
  const request: ApprovalRequest = { id: 'x', kind: 'command', command, cwd: '/', reason: '' };
  const state = wakeApproval(addApproval(undefined, request, undefined), { now: 0, isComposerEmpty: true });
  expect(seen(approvalLines(state, contextOf(60), 12))).toContain(
    '  $ rm -rf ~␍echo hi␈␈␛[2K␛[1A  ls <U+202E> sl',
  );
  const long = { ...request, command: `echo ${'x'.repeat(50_000)} && rm -rf ~` };
  expect(seen(approvalFullLines(long, contextOf(60)))).toContain(`${'x'.repeat(50_000)} && rm -rf ~`);
});

test('the rows of a line are the line', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 4, max: 60 }), (text, width) => {
      for (const line of codeLines(text)) {
        const rows = codeRows(line, width);
        expect(rows.join('')).toBe(line);
        expectToFit(rows, width + 1, rows.length);
      }
    }),
  );
  expect(codeRows('npm run build -- --mode production', 20)).toEqual([
    'npm run build -- ',
    '--mode production',
  ]);
});

test('the question of trust is not answered by what was typed before it was seen, nor by text', () => {
  const press = (state: ReturnType<typeof openTrust>, chord: string, now: number) =>
    handleTrustKey(state, keyOf(chord), now);
  const drawn = trustDrawn(openTrust('/srv/x'), 1000);
  expect(press(openTrust('/srv/x'), 'enter', 9000)).toHaveProperty('state');
  expect(press(drawn, 'enter', 1200)).toHaveProperty('state');
  expect(press(drawn, 'enter', 1300)).toEqual({ result: 'read_only' });
  const typed = press(drawn, '1', 5000);
  expect('state' in typed && press(typed.state, 'enter', 5700)).toHaveProperty('state');
  expect('state' in typed && press(typed.state, 'enter', 5800)).toEqual({ result: 'read_only' });
  const up = press(drawn, 'up', 1400);
  expect('state' in up && press(up.state, 'enter', 1401)).toEqual({ result: 'trust' });
  expect(press(drawn, 'escape', 2000)).toEqual({ result: 'read_only' });
  expect(press(openTrust('/srv/x'), 'ctrl+c', 0)).toEqual({ result: 'quit' });
});

test('trust, help, permissions, no server: any keys, any size', () => {
  const facts = fc.record(
    {
      host: anyText,
      problem: anyText,
      isFromEnv: fc.boolean(),
      platform: fc.constantFrom('linux', 'darwin', 'win32', 'aix'),
      isInstalled: fc.boolean(),
    },
    { requiredKeys: ['host', 'problem', 'isFromEnv', 'platform'] },
  );
  const help = fc.record({
    keys: fc.array(fc.record({ keys: anyText, hint: anyText }), { maxLength: 20 }),
    commands: fc.array(fc.record({ name: anyText, description: anyText }), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(facts, help, anyText, anyKeys, anySize, (server, content, root, keys, { width, maxRows }) => {
      const ctx = contextOf(width);
      const check = (lines: readonly string[]): void => expectToFit(lines, width, maxRows);
      let now = 0;
      feed(
        trustDrawn(openTrust(root), 0),
        keys,
        (state, key) => {
          now += 900;
          return handleTrustKey(state, key, now);
        },
        (state) => check(trustLines(state, ctx, maxRows)),
      );
      feed(
        openHelp(content),
        keys,
        (state, key) => handleHelpKey(state, key, ctx, maxRows),
        (state) => check(helpLines(state, ctx, maxRows)),
      );
      feed(openNoServer(server), keys, handleNoServerKey, (state) => {
        check(noServerLines(state, ctx, maxRows));
        check(noServerLines(noServerTrying(state), ctx, maxRows));
      });
      const chosen = feed(
        openPermissions({ mode: 'read-only', approval: 'never' }),
        keys,
        handlePermissionsKey,
        (state) => check(permissionsLines(state, ctx, maxRows)),
      );
      if (chosen?.type === 'chosen' && chosen.permissions.mode === 'danger-full-access') {
        expect(keys.length).toBeGreaterThan(2);
      }
    }),
    { numRuns: 200 },
  );
});

test('full access needs a second, different answer', () => {
  const current = { mode: 'workspace-write', approval: 'on-request' } as const;
  const keys = (...chords: string[]) =>
    feed(openPermissions(current), chords.map(keyOf), handlePermissionsKey, () => {});
  expect(keys('5', 'enter', 'enter')).toBeUndefined();
  expect(keys('5', '2')).toBeUndefined();
  expect(keys('5', 'down', 'enter')).toEqual({
    type: 'chosen',
    permissions: { mode: 'danger-full-access', approval: 'never' },
  });
  expect(keys('1')).toEqual({ type: 'chosen', permissions: { mode: 'read-only', approval: 'never' } });
  expect(keys('2')).toEqual({ type: 'chosen', permissions: { mode: 'read-only', approval: 'on-request' } });
  expect(keys('4')).toEqual({ type: 'chosen', permissions: PLAN_MODE });
  expect(keys('enter')).toEqual({ type: 'chosen', permissions: current });
  expect(keys('5', 'escape', 'escape')).toEqual({ type: 'cancelled' });
});

test('no server: Enter tries again once, and quitting is always possible', () => {
  const facts = { host: 'h', problem: 'p', isFromEnv: true, platform: 'linux' };
  const state = openNoServer(facts);
  expect(handleNoServerKey(state, keyOf('enter'))).toEqual({ result: 'retry' });
  expect(handleNoServerKey(noServerTrying(state), keyOf('enter'))).toHaveProperty('state');
  expect(feed(noServerTrying(state), ['down', 'enter'].map(keyOf), handleNoServerKey, () => {})).toBe('quit');
});

const CODER = { name: 'qwen3-coder:30b', tools: true, isCurrent: true };
const OSS = { name: 'gpt-oss:20b', tools: true, thinking: true, hasThinkLevels: true };

test('models: from the list by way of a download to the choice', () => {
  const keys = (state: ModelPickerState, ...chords: string[]) =>
    chords.reduce<ReturnType<typeof handleModelKey>>(
      (step, chord) => ('state' in step ? handleModelKey(step.state, keyOf(chord)) : step),
      { state },
    );
  expect(keys(openModelPicker([CODER, OSS], undefined), 'enter')).toEqual({
    result: { type: 'chosen', model: 'qwen3-coder:30b', effort: undefined },
  });
  expect(keys(openModelPicker([CODER, OSS], 'low'), 'down', 'enter', 'enter')).toEqual({
    result: { type: 'chosen', model: 'gpt-oss:20b', effort: 'low' },
  });
  expect(keys(openModelPicker([CODER], undefined), 'escape')).toEqual({ result: { type: 'cancelled' } });

  const pulling = keys(openModelPicker([CODER], undefined), ...'qwen3:8b', 'enter');
  expect(pulling).toMatchObject({ effect: { type: 'pull', model: 'qwen3:8b' } });
  if (!('state' in pulling)) throw new Error('ended');
  const failed = modelPullFailed(pulling.state, 'no space left on device');
  expect(seen(modelPickerLines(failed, contextOf(60), 10))).toContain('Free some disk space');
  expect(keys(failed, 'enter')).toMatchObject({ effect: { type: 'pull', model: 'qwen3:8b' } });
  expect(keys(pulling.state, 'escape')).toMatchObject({ effect: { type: 'cancel_pull', model: 'qwen3:8b' } });
  expect(modelPulled(pulling.state, [CODER, { name: 'qwen3:8b', tools: true }])).toEqual({
    result: { type: 'chosen', model: 'qwen3:8b', effort: undefined },
  });
  const useless = modelPulled(pulling.state, [{ name: 'qwen3:8b', tools: false }]);
  expect('state' in useless && useless.state.stage).toMatchObject({ kind: 'failed', canRetry: false });
});

test('models: until the server has answered nothing is said of what is installed', () => {
  const waiting = openModelPicker(undefined, undefined);
  expect(seen(modelPickerLines(waiting, contextOf(80), 10))).toBe(
    [
      'Choose a model',
      '   search, or name a model to download',
      '  Asking the server for the installed models…',
      '  ↑↓ choose · enter select · esc cancel',
    ].join('\n'),
  );
  expect(setModels(waiting, [OSS, CODER])).toEqual(openModelPicker([OSS, CODER], undefined));
});

test('models: any keys, events and sizes', () => {
  const model = fc.record(
    {
      name: fc.oneof(anyText, fc.constantFrom('a:1b', 'b')),
      sizeBytes: fc.nat(),
      parameterSize: anyText,
      contextLength: fc.nat(),
      tools: fc.boolean(),
      thinking: fc.boolean(),
      hasThinkLevels: fc.boolean(),
      isCurrent: fc.boolean(),
    },
    { requiredKeys: ['name'] },
  );
  const models = fc.array(model, { maxLength: 5 });
  const progress = fc.record(
    { status: anyText, digest: fc.constantFrom('x', 'y'), total: fc.nat(), completed: fc.nat() },
    { requiredKeys: ['status'] },
  );
  const happening = fc.oneof(
    { weight: 4, arbitrary: anyKey.map((key) => (state: ModelPickerState) => handleModelKey(state, key)) },
    fc.tuple(progress, fc.nat()).map(([p, now]) => (state: ModelPickerState) => ({
      state: modelPullProgress(state, p, now),
    })),
    models.map((list) => (state: ModelPickerState) => modelPulled(state, list)),
    models.map((list) => (state: ModelPickerState) => ({ state: setModels(state, list) })),
    anyText.map((text) => (state: ModelPickerState) => ({ state: modelPullFailed(state, text) })),
  );
  fc.assert(
    fc.property(
      models,
      fc.array(happening, { maxLength: 25 }),
      anySize,
      (list, happenings, { width, maxRows }) => {
        let state = openModelPicker(list, undefined);
        for (const happen of happenings) {
          expectToFit(modelPickerLines(state, contextOf(width), maxRows), width, maxRows);
          const step = happen(state);
          if (!('state' in step)) return;
          state = step.state;
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a download: the rate is that of the last seconds, and what was there before does not count', () => {
  let state = startPull('m');
  expect(pullFigures(state)).toEqual({ completed: 0, total: 0, rate: undefined, remainingMs: undefined });
  const at = (ms: number, completed: number, digest = 'a') => {
    state = pullProgress(state, { status: 'pulling', digest, total: 1_000_000, completed }, ms);
  };
  at(0, 500_000);
  at(100, 510_000);
  expect(pullFigures(state).rate).toBeUndefined();
  at(1000, 600_000);
  expect(pullFigures(state)).toEqual({
    completed: 600_000,
    total: 1_000_000,
    rate: 100_000,
    remainingMs: 4000,
  });
  for (let ms = 2000; ms <= 40_000; ms += 100) at(ms, 600_000);
  expect(pullFigures(state)).toEqual({
    completed: 600_000,
    total: 1_000_000,
    rate: 0,
    remainingMs: undefined,
  });
  expect(state.samples.length).toBeLessThan(50);
  at(40_100, 900_000, 'b');
  expect(pullFigures(state)).toEqual({
    completed: 1_500_000,
    total: 2_000_000,
    rate: undefined,
    remainingMs: undefined,
  });
});

test.each([
  [0, '0 B'],
  [820_400, '820 kB'],
  [4_683_000_000, '4.7 GB'],
  [18_556_700_761, '19 GB'],
  [999_700, '1.0 MB'],
  [-1, '0 B'],
  [Number.NaN, '0 B'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [-5, 'just now'],
  [59_000, 'just now'],
  [300_000, '5 min ago'],
  [7_200_000, '2 h ago'],
  [3 * 86_400_000, '3 d ago'],
  [400 * 86_400_000, '1 y ago'],
])('%d ms are %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

test('models: one that runs in the cloud says so, and has no size here', () => {
  const info = { name: 'gpt-oss:120b-cloud', size: 384, capabilities: ['tools'], isRemote: true } as const;
  expect(modelItems([modelEntry(info, undefined)], '')).toMatchObject([
    { id: 'gpt-oss:120b-cloud', detail: 'in the cloud' },
  ]);
});

test('a list: what is called so comes before what is only described so', () => {
  const items = [
    { id: 'described', label: 'qwen3:8b', detail: 'loaded' },
    { id: 'within', label: 'mode' },
    { id: 'first', label: 'Devstral' },
  ];
  const found = after(openPicker({ title: 'x', items, filterHint: 'search' }), 'd', 'e');
  expect(found.shown.map(({ id }) => id)).toEqual(['first', 'within', 'described']);
  expect(found.selected).toBe(0);
});
