import { expect, test } from 'vitest';
import type { MemoryReport, MemoryServices } from '../../../src/tui/ports.ts';
import { KEYS, startInScreen, type TuiHarness } from '../../support/tui.ts';

const REPORT: MemoryReport = {
  entries: [
    { key: 'note a.md', text: 'Use tabs', detail: 'note · 2026-11-01' },
    {
      key: 'line 1',
      text: 'Tests \u001b[2J run with npm test',
      detail: 'handbook · 2026-11-02 · /home/ada/shop',
    },
  ],
  folder: '/home/ada/shop',
  isOffHere: false,
  why: undefined,
};

async function started(
  report: () => Promise<MemoryReport> = async () => REPORT,
): Promise<TuiHarness & { asked: string[] }> {
  const asked: string[] = [];
  const memories: MemoryServices = {
    report,
    remember: async (text) => {
      asked.push(`remember ${text}`);
      if (text === 'fail') throw new Error('the disk is full');
      return 'Remembered.';
    },
    forget: async (key) => {
      asked.push(`forget ${key}`);
      return 'Forgotten.';
    },
    switchFolder: async (isOn) => {
      asked.push(`switch ${isOn}`);
      return 'Memories are off here.';
    },
  };
  const view = await startInScreen({ columns: 80, rows: 30, services: { memories } });
  return Object.assign(view, { asked });
}

/** The picture below the header. */
const shown = (view: TuiHarness): string => view.text().split('\n').slice(-12).join('\n');

test('/remember keeps a text, says so in a line, and asks no model', async () => {
  const view = await started();
  await view.type('/remember Use tabs', KEYS.escape, KEYS.enter);
  await view.pass(60);
  expect(view.text()).toContain('• Remembered.\n');
  await view.type('/remember fail', KEYS.escape, KEYS.enter);
  await view.pass(60);
  expect(view.text()).toContain('⚠ the disk is full');
  await view.type('/remember', KEYS.escape, KEYS.enter);
  await view.pass(60);
  expect(view.text()).toContain('• Usage: /remember TEXT');
  expect([view.asked, view.taken()]).toEqual([['remember Use tabs', 'remember fail'], []]);
});

test('/memories lists, shows one, goes back, and forgets', async () => {
  const view = await started();
  await view.type('/memories', KEYS.escape, KEYS.enter);
  await view.pass(60);
  expect(shown(view)).toMatchInlineSnapshot(`
    "What is remembered

       type to search

    › Use tabs                    note · 2026-11-01
      Tests run with npm test     handbook · 2026-11-02 · /home/ada/shop
      Switch off in this folder   ~/shop
      Switch off in this session  incognito

      ↑↓ choose · enter select · esc cancel

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type('npm', KEYS.enter);
  await view.pass(60);
  expect(shown(view)).toMatchInlineSnapshot(`
    "  sandbox    workspace-write · on-request

    Tests run with npm test

      handbook · 2026-11-02 · /home/ada/shop

    › 1. Forget it         it does not come back
      2. Back to the list

      ↑↓ or number · enter select · esc back

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type('2');
  await view.pass(60);
  expect(view.text()).toContain('What is remembered');
  await view.type('npm', KEYS.enter, '1');
  await view.pass(60);
  expect([view.asked, view.text().includes('• Forgotten.')]).toEqual([['forget line 1'], true]);
});

test('/memories switches off in the folder and in the session; in an incognito one only in the folder', async () => {
  const view = await started();
  await view.type('/memories', KEYS.escape, KEYS.enter);
  await view.type('off in this folder', KEYS.enter);
  await view.pass(60);
  expect([view.asked, view.text().includes('• Memories are off here.')]).toEqual([['switch false'], true]);
  await view.type('/memories', KEYS.escape, KEYS.enter);
  await view.type('session', KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'go_incognito' }]);
  await view.tell({ type: 'incognito', isOn: true });
  await view.pass(60);
  expect(view.text()).toContain('• Incognito: no memories are made of this session');
  expect(view.text().split('\n').at(-1)).toContain('incognito');
  await view.type('/memories', KEYS.escape, KEYS.enter);
  await view.pass(60);
  expect(view.text()).not.toContain('Switch off in this session');
  await view.type(KEYS.escape, '/incognito', KEYS.escape, KEYS.enter);
  await view.pass(60);
  expect(view.text()).toContain('• This session is incognito already.');
  expect(view.taken()).toEqual([]);
});

test('what is limited is said, nothing remembered too, and a failure', async () => {
  const why = 'they are switched off in /home/ada/shop';
  const none = await started(async () => ({ ...REPORT, entries: [], isOffHere: true, why }));
  await none.type('/memories', KEYS.escape, KEYS.enter);
  await none.pass(60);
  expect(shown(none)).toMatchInlineSnapshot(`
    "
    Nothing is remembered yet

      Memories are limited here: they are switched off in /home/ada/shop.
       type to search

    › Switch on in this folder    ~/shop
      Switch off in this session  incognito

      ↑↓ choose · enter select · esc cancel

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  const broken = await started(() => Promise.reject(new Error('a newer oagent wrote it')));
  await broken.type('/memories', KEYS.escape, KEYS.enter);
  await broken.pass(60);
  expect(broken.text()).toContain('⚠ a newer oagent wrote it');
  await broken.type(KEYS.escape, '/incognito', KEYS.escape, KEYS.enter);
  expect(broken.taken()).toEqual([{ type: 'go_incognito' }]);
});
