/** Whole tables of a config.toml that the user wrote. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, onTestFinished, test } from 'vitest';
import { addTable, removeTable } from '../../src/config/edit-table.ts';
import { extensionTrust, setExtensionTrust } from '../../src/config/extension-trust.ts';
import { loadConfig } from '../../src/config/load.ts';

function homeWith(toml?: string): { home: string; read: () => string } {
  const home = mkdtempSync(path.join(tmpdir(), 'edit-table-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const file = path.join(home, 'config.toml');
  if (toml !== undefined) writeFileSync(file, toml);
  return { home, read: () => readFileSync(file, 'utf8') };
}

const SERVER = { command: 'npx', args: ['-y', 'files'], env: { TOKEN: 'a"b' } };
const ADDED = `[mcp_servers.files]
command = "npx"
args = [ "-y", "files" ]

[mcp_servers.files.env]
TOKEN = "a\\"b"
`;

test.each([
  ['no file', undefined, ADDED],
  ['other tables', 'model = "m"\n[tui]\nvim = true\n', `model = "m"\n[tui]\nvim = true\n\n${ADDED}`],
  ['another server', '[mcp_servers.a]\nurl = "http://a"\n', `[mcp_servers.a]\nurl = "http://a"\n\n${ADDED}`],
])('added to %s', (_, before, after) => {
  const { home, read } = homeWith(before);
  addTable(home, ['mcp_servers', 'files'], SERVER);
  expect(read()).toBe(after);
  expect(loadConfig({ home, cwd: home }).config.mcp_servers.files).toEqual(SERVER);
});

test.each([
  ['the only one', `model = "m"\n\n${ADDED}`, 'model = "m"\n\n'],
  [
    'one of several, with what belongs to it',
    `# top\n[mcp_servers.a]\nurl = "x" # a\n\n# of files\n${ADDED}# of b\n[mcp_servers.b]\nurl = "y"\n`,
    '# top\n[mcp_servers.a]\nurl = "x" # a\n\n# of files\n# of b\n[mcp_servers.b]\nurl = "y"\n',
  ],
  [
    'a name in quotes',
    '[ "mcp_servers" . "files" ] # x\r\nurl = "x"\r\n[tui]\r\nvim = true\r\n',
    '[tui]\r\nvim = true\r\n',
  ],
])('removed: %s', (_, before, after) => {
  const { home, read } = homeWith(before);
  removeTable(home, ['mcp_servers', 'files']);
  expect(read()).toBe(after);
});

test.each([
  'mcp_servers = { files = { url = "x" } }\n',
  'mcp_servers.files.url = "x"\n',
])('what has no lines of its own is left as it is: %j', (toml) => {
  const { home, read } = homeWith(toml);
  expect(() => removeTable(home, ['mcp_servers', 'files'])).toThrow(
    'Remove [mcp_servers.files] from it yourself.',
  );
  expect(read()).toBe(toml);
});

test('a text that looks like a table is none', () => {
  const toml = 'developer_instructions = """\n[mcp_servers.files]\n"""\n\n[mcp_servers.files]\nurl = "x"\n';
  const { home, read } = homeWith(toml);
  expect(() => removeTable(home, ['mcp_servers', 'files'])).toThrow('yourself');
  expect(read()).toBe(toml);
});

test('whatever is added is there, and removed again leaves what was', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((one) => one !== '__proto__' && one.isWellFormed());
  const value = fc.record({
    url: fc.string({ unit: 'grapheme' }),
    args: fc.array(fc.string({ unit: 'grapheme' })),
  });
  fc.assert(
    fc.property(name, value, (server, table) => {
      const { home, read } = homeWith('[tui]\nvim = true\n');
      addTable(home, ['mcp_servers', server], table);
      expect(parse(read())).toEqual({ tui: { vim: true }, mcp_servers: { [server]: table } });
      removeTable(home, ['mcp_servers', server]);
      expect(parse(read())).toEqual({ tui: { vim: true } });
    }),
    { numRuns: 50 },
  );
});

test('what the user has decided about a project’s programs is kept by content', () => {
  const { home, read } = homeWith('[projects."/shop"]\ntrust_level = "trusted"\n');
  const known = (id: string, hash: string) => {
    const { config } = loadConfig({ home, cwd: '/' });
    return extensionTrust(config, '/shop', id, hash);
  };
  expect(known('mcp:files', 'aa')).toBe('unknown');
  setExtensionTrust(home, '/shop', 'mcp:files', 'aa', 'allowed');
  setExtensionTrust(home, '/shop', 'hook:"x"', 'bb', 'allowed');
  setExtensionTrust(home, '/shop', 'hook:"x"', 'bb', 'refused');
  expect(['aa', 'bb'].map((hash) => known('mcp:files', hash))).toEqual(['allowed', 'unknown']);
  expect(known('hook:"x"', 'bb')).toBe('refused');
  expect(parse(read())).toEqual({
    projects: {
      '/shop': {
        trust_level: 'trusted',
        extensions: { 'mcp:files': 'allowed aa', 'hook:"x"': 'refused bb' },
      },
    },
  });
});
