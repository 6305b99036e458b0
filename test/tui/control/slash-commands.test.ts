import { expect, test } from 'vitest';
import type { WindowUse } from '../../../src/protocol/requests.ts';
import type { WantedChanges } from '../../../src/protocol.ts';
import { reviewTurn } from '../../../src/text/review-words.ts';
import { KEYS, startInScreen, type TuiHarness, type TuiSetup } from '../../support/tui.ts';
import { answer, done, TURN, TURN_DONE, user } from '../../support/tui-events.ts';

const DIFF =
  'diff --git a/a.ts b/a.ts\nindex 5626abf..f719efd 100644\n--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-one\n+two\n';

async function started(setup: TuiSetup = {}): Promise<TuiHarness> {
  return startInScreen({ columns: 80, rows: 30, ...setup });
}

/** What the command printed last, or the screen says in place of the composer. */
async function said(view: TuiHarness, command: string): Promise<string> {
  await view.type(command, KEYS.escape, KEYS.enter);
  await view.pass(60);
  const cells = view.text().split('\n\n');
  return cells.at(-3) ?? '';
}

test('commands that are operations of the session', async () => {
  const view = await started();
  for (const command of [
    '/model qwen3:8b',
    '/compact',
    '/new',
    '/clear',
    '/review the tests',
    '/review base main',
    '/review --commit=abc only SQL',
    '/review uncommitted',
    '/init',
  ])
    await view.type(command, KEYS.escape, KEYS.enter);
  expect(view.taken()).toEqual([
    { type: 'set_model', model: 'qwen3:8b' },
    { type: 'compact' },
    { type: 'new_session' },
    { type: 'new_session' },
    {
      type: 'user_turn',
      text: 'Review the uncommitted changes. the tests',
      shownAs: '/review --uncommitted the tests',
      review: { changes: { type: 'uncommitted' }, instructions: 'the tests' },
    },
    {
      type: 'user_turn',
      text: 'Review what this branch adds to main.',
      shownAs: '/review --base main',
      review: { changes: { type: 'base', name: 'main' } },
    },
    {
      type: 'user_turn',
      text: 'Review the commit abc. only SQL',
      shownAs: '/review --commit abc only SQL',
      review: { changes: { type: 'commit', name: 'abc' }, instructions: 'only SQL' },
    },
    {
      type: 'user_turn',
      text: 'Review the uncommitted changes.',
      shownAs: '/review --uncommitted',
      review: { changes: { type: 'uncommitted' } },
    },
    { type: 'user_turn', text: 'Write AGENTS.md.', shownAs: '/init' },
  ]);
});

test('/review asks which changes, and then of which branch or commit', async () => {
  const view = await started();
  const choose = async (...keys: string[]): Promise<void> => {
    await view.type('/review', KEYS.escape, KEYS.enter);
    await view.pass(60);
    for (const key of keys) {
      await view.type(key);
      await view.pass(60);
    }
  };
  await choose('1');
  await choose('2', 'orig', KEYS.enter);
  await choose('3');
  expect(view.text()).toContain('› a1b2c3d4e  Round the total');
  await view.type(KEYS.enter);
  await choose('2', KEYS.escape);
  await choose(KEYS.escape);
  const review = (changes: WantedChanges): object => reviewTurn({ changes });
  expect(view.taken()).toEqual([
    review({ type: 'uncommitted' }),
    review({ type: 'base', name: 'origin/main' }),
    review({ type: 'commit', name: 'a1b2c3d4e5f6' }),
  ]);
  await choose('4');
  await view.type('the SQL', KEYS.enter);
  expect(view.taken()).toEqual([reviewTurn({ changes: { type: 'uncommitted' }, instructions: 'the SQL' })]);
});

test('/review where git fails', async () => {
  const view = await started({
    services: { gitBranches: () => Promise.reject(new Error('git is not installed')) },
  });
  await view.type('/review', KEYS.escape, KEYS.enter);
  await view.type('2');
  await view.pass(60);
  expect(view.text()).toContain('⚠ git is not installed');
});

test('/init leaves an AGENTS.md alone', async () => {
  const view = await started({ services: { isFile: (file) => file === '/home/ada/shop/AGENTS.md' } });
  expect(await said(view, '/init')).toBe('• AGENTS.md already exists; /init would overwrite it.');
  expect(view.taken()).toEqual([]);
});

test('/diff: nothing, a page, a failure', async () => {
  const answers = [async () => '', async () => DIFF, () => Promise.reject(new Error('git is not installed'))];
  const view = await started({ services: { gitDiff: () => (answers.shift() ?? (async () => ''))() } });
  expect(await said(view, '/diff')).toBe('• No changes in the working tree.');
  await said(view, '/diff');
  expect({
    isAlternate: view.screen.isAlternate(),
    text: view.text().split('\n').slice(0, 6),
  }).toMatchInlineSnapshot(`
    {
      "isAlternate": true,
      "text": [
        "Changes 100%",
        "  Edit a.ts (+1 -1)",
        "    1 -one",
        "    1 +two",
        "",
        "",
      ],
    }
  `);
  await view.type('q');
  expect(await said(view, '/diff')).toBe('⚠ git is not installed');
});

test('a long diff is shown from its start', async () => {
  const lines = Array.from({ length: 90 }, (_, i) => `+line ${i}\n`).join('');
  const gitDiff = async () =>
    `diff --git a/a b/a\nnew file mode 100644\n--- /dev/null\n+++ b/a\n@@ -0,0 +1,90 @@\n${lines}`;
  const view = await started({ services: { gitDiff } });
  await said(view, '/diff');
  expect(view.text().split('\n').slice(1, 3)).toEqual(['  Add a (+90 -0)', '     1 +line 0']);
});

test('/copy: nothing, the answer, a code block, no clipboard', async () => {
  const copied: string[] = [];
  const copy = async (text: string): Promise<boolean> => copied.push(text) > 0;
  const view = await started({ services: { copy } });
  expect(await said(view, '/copy')).toBe('• There is no answer to copy yet.');
  const text = 'Look:\n\n```ts\none();\n```\n\n~~~\ntwo\n~~~\n';
  await view.tell(TURN, ...done(answer(text)), TURN_DONE);
  expect(await said(view, '/copy')).toBe(`• Copied ${text.length} characters of Markdown.`);
  expect(await said(view, '/copy code')).toBe('• Copied 7 characters.');
  await said(view, '/copy code 2');
  expect(await said(view, '/copy code 3')).toBe('• The last answer has no such code block.');
  expect(copied).toEqual([text, 'one();\n', 'two\n']);
  expect(view.screen.raw).toContain(`\x1b]52;c;${Buffer.from('two\n').toString('base64')}\x07`);
});

test('/export', async () => {
  const files: unknown[] = [];
  const exportTo = async (markdown: string, file: string | undefined): Promise<string> => {
    files.push([markdown, file]);
    if (file === 'no/such/folder.md') throw new Error('ENOENT: no/such/folder.md');
    return `/home/ada/shop/${file ?? 'oagent.md'}`;
  };
  const view = await started({ services: { exportTo } });
  expect(await said(view, '/export')).toBe('• There is nothing to export yet.');
  await view.tell(...done(user('why?')));
  expect(await said(view, '/export')).toBe('• Exported to /home/ada/shop/oagent.md');
  expect(await said(view, '/export talk.md')).toBe('• Exported to /home/ada/shop/talk.md');
  expect(await said(view, '/export no/such/folder.md')).toBe('⚠ ENOENT: no/such/folder.md');
  expect(files).toEqual(
    [undefined, 'talk.md', 'no/such/folder.md'].map((file) => ['## You\n\nwhy?\n', file]),
  );
});

test('/ps and /stop', async () => {
  const view = await started();
  expect(await said(view, '/ps')).toBe('• No commands are running in the background.');
  expect(await said(view, '/stop')).toBe('• No commands are running in the background.');
  await view.tell({
    type: 'background_changed',
    running: [{ sessionId: 3, command: 'npm start\n--watch', startedAt: 0 }],
  });
  expect(await said(view, '/ps')).toBe(
    '• Running in the background (/stop ends them)\n  3  npm start --watch',
  );
  expect(await said(view, '/stop')).toBe('• Stopping npm start --watch');
  expect(view.taken()).toEqual([{ type: 'stop_background' }]);
});

test('/theme changes what is painted from then on', async () => {
  const view = await started();
  await said(view, '/theme plain');
  const before = view.screen.raw.length;
  await view.tell(TURN, ...done(answer('**bold** and `code`')), TURN_DONE);
  expect(view.screen.raw.slice(before)).not.toMatch(/\x1b\[3[0-9]m/);
  expect(view.text()).toContain('• Theme: plain. Earlier output keeps its colours.');
});

test('/plan begins plan mode, and plans what it is given', async () => {
  const view = await started();
  expect(await said(view, '/plan')).toBe('• Say what to plan. shift+tab leaves plan mode.');
  await view.type('/plan a new option', KEYS.escape, KEYS.enter);
  const mode = { type: 'set_permissions', mode: 'read-only', approval: 'never', isPlan: true };
  expect(view.taken()).toEqual([mode, mode, { type: 'user_turn', text: 'a new option' }]);
});

test('a command without arguments says so', async () => {
  const view = await started();
  expect(await said(view, '/status now')).toBe('⚠ /status takes no arguments');
});

test('NO_COLOR', async () => {
  const view = await started({ hasNoColor: true });
  await view.tell(TURN, ...done(answer('`code`')), { type: 'warning', message: 'slow' }, TURN_DONE);
  expect(view.screen.raw).not.toMatch(/\x1b\[3[0-9]m/);
});

test('/index shows what the session knows of it, and a failure as a warning', async () => {
  const asked: string[] = [];
  const indexReport = async (args: string): Promise<readonly string[]> => {
    asked.push(args);
    if (args === 'why') throw new Error('there is no index');
    return ['ready: 2 files', 'Last message: "x": nothing relevant'];
  };
  const view = await started({ services: { indexReport } });
  expect(await said(view, '/index')).toBe('• ready: 2 files\n  Last message: "x": nothing relevant');
  expect(await said(view, '/index why a.ts how?')).toContain('nothing relevant');
  expect(await said(view, '/index why')).toBe('⚠ there is no index');
  expect(asked).toEqual(['', 'why a.ts how?', 'why']);
});

test('/context shows what fills the window', async () => {
  const windowUse = async (): Promise<WindowUse> => ({
    size: 8_192,
    used: 2_048,
    counted: 2_048,
    parts: [
      { source: 'system', tokens: 512 },
      { source: 'talk', tokens: 1_536 },
    ],
  });
  const view = await started({ services: { windowUse } });
  expect(`\n${await said(view, '/context')}\n`).toMatchInlineSnapshot(`
    "
    • Context: 2,048 of 8,192 tokens used, 75% free (counted by the server)
      System message      ~512   6%  ━━━
      Talk              ~1,536  19%  ━━━━━━━━━━
      Free               6,144  75%  ────────────────────────────────────────
    "
  `);
  const early = await started();
  expect(await said(early, '/context')).toContain('not known yet');
});

test('/theme and /vim are kept; where that fails they hold for this session', async () => {
  const saved: unknown[] = [];
  const saveSetting = (...setting: unknown[]): void => {
    saved.push(setting);
    if (saved.length > 2) throw new Error('config.toml was not changed: read-only.');
  };
  const view = await started({ services: { saveSetting } });
  await view.type('/theme plain', KEYS.enter, '/vim', KEYS.enter);
  expect(view.text()).not.toContain('⚠');
  await view.type('/theme', KEYS.enter, '1');
  await view.pass(60);
  expect(saved).toEqual([
    ['theme', 'plain'],
    ['vim', true],
    ['theme', 'auto'],
  ]);
  expect(view.text()).toContain('⚠ this session only: config.toml was not changed: read-only.');
  expect(view.text()).toContain('• Theme: auto.');
});
