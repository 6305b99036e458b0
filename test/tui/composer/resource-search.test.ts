import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { McpServerInfo } from '../../../src/protocol/extensions.ts';
import { cellWidth } from '../../../src/text/cell-width.ts';
import { mentionedResources } from '../../../src/text/resource-mentions.ts';
import { popupLines } from '../../../src/tui/composer/popup-lines.ts';
import { setFileMatches } from '../../../src/tui/composer/popups.ts';
import { withResources } from '../../../src/tui/composer/resource-search.ts';
import { plainStyle } from '../../../src/tui/lines/style.ts';
import { KEYS, startInScreen } from '../../support/tui.ts';
import { hostileText, press } from './texts.ts';

const server = (name: string, ...resources: McpServerInfo['resources']): McpServerInfo => ({
  ...{
    name,
    state: 'known',
    target: 'x',
    source: '/c',
    isSandboxed: false,
    tools: [],
    prompts: 0,
    lines: [],
  },
  resources,
});
const DOCS = server(
  'docs',
  { uri: 'file:///guide.md', name: 'The guide' },
  { uri: 'file:///with space.md', name: 'cannot be named' },
  { uri: 'file:///faq.md', name: '' },
);
const ROWS = server('rows', ...[1, 2, 3, 4].map((row) => ({ uri: `row://${row}`, name: `Row ${row}` })));
const FILES = ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts'].map((path) => ({ path, positions: [] }));

const paths = (query: string, ...servers: McpServerInfo[]): string[] =>
  withResources(FILES, servers, query).map(({ path }) => path);

test('without a server there are the files; with some, a few resources are among them', () => {
  expect(withResources(FILES, [], '')).toBe(FILES);
  expect(withResources(FILES, [server('empty')], '')).toBe(FILES);
  const [one, two, three, four] = [1, 2, 3, 4].map((row) => `rows:row://${row}`);
  expect(paths('', ROWS)).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts', one, two, three, 'e.ts', four]);
});

test('what has the query in it, by its address or else by its name; first where a server is meant', () => {
  const files = FILES.map(({ path }) => path);
  expect(paths('GUIDE', DOCS, ROWS)).toEqual([...files.slice(0, 4), 'docs:file:///guide.md', 'e.ts']);
  expect(paths('row 3', DOCS, ROWS)).toEqual([...files.slice(0, 4), 'rows:row://3', 'e.ts']);
  expect(paths('do', DOCS, ROWS)).toEqual(['docs:file:///guide.md', 'docs:file:///faq.md', ...files]);
  expect(paths('docs:faq', DOCS)).toEqual(files);
  expect(paths('docs:file:///f', DOCS)).toEqual(['docs:file:///faq.md', ...files]);
  expect(withResources([], [DOCS], 'Faq')).toEqual([
    { path: 'docs:file:///faq.md', positions: [13, 14, 15], resource: { name: '' } },
  ]);
});

test('Enter and Tab put in what a message calls it, whatever it ends with', () => {
  const slash = server('docs', { uri: 'file:///a/', name: '' });
  for (const key of ['enter', 'tab']) {
    const list = setFileMatches(press([], ['see @d']).state, 'd', withResources([], [slash], 'd'));
    const { state, effects } = press(list, [key, 'now']);
    expect([state.buffer.text, state.popup, effects]).toEqual(['see @docs:file:///a/ now', undefined, []]);
  }
});

test('in the popup, with their names, and without a question to the session', async () => {
  const view = await startInScreen({ columns: 60, rows: 24 });
  await view.type('@');
  expect(view.screen.text()).not.toContain('docs');
  await view.tell({ type: 'mcp_servers', servers: [DOCS] });
  await view.type('d');
  expect(view.screen.text()).toContain(
    '› docs:file:///guide.md  The guide\n  docs:file:///faq.md\n  README.md',
  );
  const before = view.ops.length;
  await view.type('ocs:', KEYS.down, KEYS.enter, 'please', KEYS.enter);
  expect(view.ops.slice(before)).toContainEqual(
    expect.objectContaining({ type: 'user_turn', text: '@docs:file:///faq.md please' }),
  );
  expect(view.ops.map(({ type }) => type)).not.toContain('list_mcp');
});

test('whatever a server calls its resources, a message can name what is offered, and the rows fit', () => {
  const uri = fc.oneof(
    hostileText,
    hostileText.map((text) => `x:${text}`),
    fc.webUrl(),
  );
  fc.assert(
    fc.property(
      fc.array(fc.record({ uri, name: hostileText })),
      hostileText,
      fc.integer({ min: 4, max: 90 }),
      (resources, query, width) => {
        const found = withResources([], [server('docs', ...resources)], query);
        for (const { path } of found) {
          const [named] = mentionedResources(`see @${path} now`, ['docs']);
          expect(named && `${named.server}:${named.uri}`).toBe(path);
        }
        const state = setFileMatches(press([], ['@']).state, '', found);
        const ctx = { width, style: plainStyle, cwd: '/w', home: '/h', fullKey: 'ctrl+t' };
        const lines = popupLines(state, ctx, 8);
        expect(lines.every((line) => cellWidth(line.replace(/\x1b\[\d+m/g, '')) < width)).toBe(true);
      },
    ),
  );
});
