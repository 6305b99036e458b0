import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellWidth } from '../../../src/text/cell-width.ts';
import { type ComposerState, createComposer } from '../../../src/tui/composer/composer-state.ts';
import type { FileMatch } from '../../../src/tui/composer/file-search.ts';
import { popupLines } from '../../../src/tui/composer/popup-lines.ts';
import { setFileMatches } from '../../../src/tui/composer/popups.ts';
import { colorStyle, type LineContext, plainStyle } from '../../../src/tui/lines/style.ts';
import { foreignText, idle, press } from './texts.ts';

const ctx = (width: number): LineContext => ({
  width,
  style: plainStyle,
  cwd: '/w',
  home: '/h',
  fullKey: 'ctrl+t',
});
/** The lines without underline, bold and dim. */
const plain = (state: ComposerState, width = 80, rows = 8): string[] =>
  popupLines(state, ctx(width), rows).map((line) => line.replace(/\x1b\[\d+m/g, ''));
const found = (...paths: string[]): FileMatch[] => paths.map((path) => ({ path, positions: [] }));
const names = (state: ComposerState): string[] => {
  const { popup } = state;
  return popup?.type === 'commands' ? popup.matches.map(({ command }) => command.name) : [];
};

test('the palette lists commands, those that begin with what is typed first', () => {
  expect(plain(press([], ['/']).state)).toEqual([
    '› /model        choose the model',
    '  /permissions  choose what oagent may do without asking',
    '  /status       show model, folder, sandbox, context used',
    '  /diff         show all changes in the working tree',
    '  /review       review changes: uncommitted, branch, commit',
    '  /init         create an AGENTS.md for this project',
    '  /compact      summarise the conversation to free context',
    '  … +23',
  ]);
  expect(names(press([], ['/re']).state).slice(0, 3)).toEqual(['review', 'resume', 'rewind']);
  expect(names(press([], ['/cmp']).state)).toEqual(['compact']);
  expect(names(press([], ['/exit']).state)).toEqual(['quit']);
  expect(names(press([], ['/markdown']).state)).toEqual(['copy', 'export']);
  expect(press([], ['/zzz']).state.popup).toBeUndefined();
});

test('the palette is for the first word only, while the caret is in it', () => {
  const isOpen = (...chords: string[]) => press([], chords).state.popup !== undefined;
  expect([
    isOpen('/di'),
    isOpen('/di', 'home'),
    isOpen('/di', 'left'),
    isOpen('/diff '),
    isOpen('/usr/bin'),
    isOpen('see /di'),
    isOpen('ff', 'home', '/di'),
  ]).toEqual([true, false, true, false, false, false, true]);
});

test('Enter runs the selected command, Tab completes it, Escape closes the palette for this word', () => {
  expect(press([], ['/re', 'down', 'enter']).effects).toEqual([
    { type: 'command', name: 'resume', args: '' },
  ]);
  expect(press([], ['/', 'up', 'enter']).effects).toEqual([{ type: 'command', name: 'quit', args: '' }]);
  const completed = press([], ['/rena', 'tab', 'my work']);
  expect([completed.state.buffer.text, completed.state.popup]).toEqual(['/rename my work', undefined]);
  expect(press(completed.state, ['enter']).effects).toEqual([
    { type: 'command', name: 'rename', args: 'my work' },
  ]);
  const closed = press([], ['/di', 'escape', 'f']);
  expect([closed.state.popup, closed.untaken]).toEqual([undefined, []]);
  expect(names(press(closed.state, ['ctrl+u', '/di']).state)).toEqual(['diff']);
});

test('an @ word asks for files, once for each change', () => {
  const { effects } = press([], ['see @ma', 'left', 'right', 'i']);
  expect(effects).toEqual(['', 'm', 'ma', 'mai'].map((query) => ({ type: 'search_files', query })));
  expect(press([], ['me@x.org', ' a@']).effects).toEqual([]);
});

test('only the answer to the newest query is taken, and the old list stays until then', () => {
  let { state } = press([], ['@m']);
  expect(plain(state)).toEqual(['  searching…']);
  state = setFileMatches(state, 'm', found('main.ts', 'map.ts'));
  ({ state } = press(state, ['down', 'a']));
  expect(plain(state)).toEqual(['› main.ts', '  map.ts']);
  expect(setFileMatches(state, 'm', found('other.ts'))).toBe(state);
  expect(plain(setFileMatches(state, 'ma', []))).toEqual(['  no matching files']);
  expect(setFileMatches(createComposer(), 'm', found('other.ts'))).toEqual(createComposer());
});

test('more answers to the same query leave the selection where it is', () => {
  const first = setFileMatches(press([], ['@m']).state, 'm', found('main.ts', 'map.ts'));
  const moved = press(first, ['down']).state;
  expect(plain(setFileMatches(moved, 'm', found('m.ts', 'main.ts', 'map.ts')))).toEqual([
    '  m.ts',
    '  main.ts',
    '› map.ts',
  ]);
});

test('Enter and Tab put the path in, quoted when it has spaces, and a space', () => {
  const accept = (path: string, ...chords: string[]) => {
    const { state } = press(setFileMatches(press([], ['see @a']).state, 'a', found(path)), chords);
    return [state.buffer.text, state.popup];
  };
  expect(accept('src/a.ts', 'enter', 'x')).toEqual(['see src/a.ts x', undefined]);
  expect(accept('my notes/a.md', 'tab')).toEqual(['see "my notes/a.md" ', undefined]);
  expect(accept('app/', 'enter')).toEqual(['see app/ ', undefined]);
  const between = setFileMatches(press([], ['see @a now', 'ctrl+left', 'left']).state, 'a', found('a.ts'));
  expect(press(between, ['enter', '|']).state.buffer.text).toBe('see a.ts |now');
});

test('Tab on a folder continues inside it', () => {
  const { state, effects } = press(setFileMatches(press([], ['@a']).state, 'a', found('app/')), ['tab']);
  expect([state.buffer.text, effects]).toEqual(['@app/', [{ type: 'search_files', query: 'app/' }]]);
});

test('Escape closes the list for this word, another word opens it again', () => {
  const closed = press([], ['@ma', 'escape', 'i', 'left']);
  expect([closed.state.popup, closed.untaken]).toEqual([undefined, []]);
  expect(press(closed.state, ['escape']).untaken).toEqual(['escape']);
  expect(press(closed.state, ['end', ' @x']).state.popup).toMatchObject({
    type: 'files',
    token: { query: 'x' },
  });
  expect(press(closed.state, ['ctrl+u', 'ctrl+k', '@x']).state.popup).toMatchObject({
    token: { query: 'x' },
  });
});

test('Enter with no match sends', () => {
  const state = setFileMatches(press([], ['@nobody']).state, 'nobody', []);
  expect(press(state, ['enter']).effects).toEqual([{ type: 'submit', text: '@nobody', images: [] }]);
});

test('Tab waits for the first answer, and queues when there is no match', () => {
  const running = { ...idle, isRunning: true };
  const { state, effects } = press([], ['@nobody', 'tab'], running);
  expect([state.buffer.text, effects.at(-1)]).toEqual(['@nobody', { type: 'search_files', query: 'nobody' }]);
  expect(press(setFileMatches(state, 'nobody', []), ['tab'], running).effects).toEqual([
    { type: 'queue', text: '@nobody', images: [] },
  ]);
});

test('the search has its line', () => {
  const searching = (...chords: string[]) => plain(press(['fix it'], ['ctrl+r', ...chords]).state);
  expect([searching(), searching('fix'), searching('fixx')]).toEqual([
    ['  (reverse-search) '],
    ['  (reverse-search) fix'],
    ['  (no match) fixx'],
  ]);
});

test('matched letters are underlined, the selected line is bold and cyan', () => {
  const state = setFileMatches(press([], ['@mt']).state, 'mt', [{ path: 'main.ts', positions: [0, 5] }]);
  expect(popupLines(state, { ...ctx(80), style: colorStyle }, 8)).toEqual([
    '\x1b[36m›\x1b[39m \x1b[36m\x1b[1m\x1b[4mm\x1b[24main.\x1b[4mt\x1b[24ms\x1b[22m\x1b[39m',
  ]);
});

test('the selection is always among the lines', () => {
  const state = setFileMatches(press([], ['@']).state, '', found(...'abcdefghijkl'));
  expect(plain(press(state, Array(9).fill('down')).state, 80, 4)).toEqual(['  h', '  i', '› j', '  … +9']);
  expect(plain(press(state, ['up']).state, 80, 1)).toEqual(['› l']);
  expect(plain(state, 80, 0)).toEqual([]);
});

test('hostile names and queries fit at every width and hold no control character', () => {
  fc.assert(
    fc.property(
      fc.array(foreignText, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 120 }),
      fc.nat(10),
      (paths, width, rows) => {
        const files = paths.map((path) => ({ path, positions: [0, 3] }));
        const states = [
          setFileMatches(press([], ['@']).state, '', files),
          press([], ['@']).state,
          press([], ['/']).state,
          press(paths, ['ctrl+r', ...paths.map((path) => `paste:${path}`)], { ...idle, width }).state,
        ];
        for (const state of states) {
          const lines = popupLines(state, ctx(width), rows);
          expect(lines.length).toBeLessThanOrEqual(rows);
          const bare = lines.map((line) => line.replace(/\x1b\[\d+m/g, ''));
          expect(bare.filter((line) => cellWidth(line) > Math.max(2, width - 1))).toEqual([]);
          expect(bare.filter((line) => /[\x00-\x1f\x7f-\x9f\u202e]/.test(line))).toEqual([]);
        }
      },
    ),
  );
});

test('Ctrl+C closes a list as Escape does, and is for the app when there is none', () => {
  const open = press([], ['@ma', 'ctrl+c']);
  expect([open.state.popup, open.state.buffer.text]).toEqual([undefined, '@ma']);
  expect(press(open.state, ['ctrl+c']).untaken).toEqual(['ctrl+c']);
});

test('a palette too narrow for descriptions has names only', () => {
  const shown = (width: number): string | undefined => plain(press([], ['/mo']).state, width)[0];
  expect([shown(40), shown(20)]).toEqual(['› /model        choose the model', '› /model']);
});
