// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are written so in these files.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { mcpFiles } from '../../src/config/mcp-files.ts';
import { projectServers } from '../../src/config/mcp-project.ts';
import { userServers } from '../../src/config/mcp-servers.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function project(config = '') {
  const base = await tempFolder();
  const [home, repo] = [path.join(base, 'home'), path.join(base, 'repo')];
  mkdirSync(home);
  mkdirSync(path.join(repo, '.git'), { recursive: true });
  const file = path.join(home, 'config.toml');
  writeFileSync(file, config.replaceAll('REPO', repo));
  const load = (...overrides: string[]) => loadConfig({ home, cwd: repo, overrides });
  const put = (name: string, value: unknown): string => {
    const full = path.join(repo, name);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, typeof value === 'string' ? value : JSON.stringify(value));
    return full;
  };
  const servers = (env: NodeJS.ProcessEnv = {}) => projectServers(load().config, { cwd: repo, home, env });
  return { home, repo, file, load, put, servers };
}

const TRUSTED = '[projects."REPO"]\ntrust_level = "trusted"\n';

test.each([
  [
    '[mcp_servers.docs]\nargs = ["x"]\n',
    'mcp_servers.docs: it has neither command nor url: write how it is started, or where it runs',
  ],
  [
    '[mcp_servers.docs]\ncommand = "a"\nurl = "http://b"\n',
    'mcp_servers.docs: it has both command and url: leave one of them out',
  ],
  [
    '[mcp_servers."a b"]\ncommand = "a"\n',
    'mcp_servers."a b": the name of a server has letters, digits, - and single _ in it, at most 63',
  ],
  [
    '[mcp_servers.a__b]\ncommand = "a"\n',
    'mcp_servers.a__b: the name of a server has letters, digits, - and single _ in it, at most 63',
  ],
])('%j is an error with file and line', async (config, message) => {
  const { load, file } = await project(config);
  const [line] = config.split('\n');
  expect(() => load()).toThrow(
    `Error loading config.toml:\n${file}:1:14: ${message}\n  |\n1 | ${line}\n  |              ^`,
  );
});

test('a server of the user has the file that says how it is started', async () => {
  const { load, file, repo } = await project('[mcp_servers.docs]\ncommand = "docs"\n');
  const loaded = load('mcp_servers.docs.enabled=false', 'mcp_servers.web.url="http://web"');
  expect(userServers(loaded, repo)).toEqual([
    { name: 'docs', settings: { command: 'docs', enabled: false }, source: file, folder: repo },
    { name: 'web', settings: { url: 'http://web' }, source: '-c', folder: repo },
  ]);
});

test('the files of Claude and Cursor are read in place, with the variables of the user alone', async () => {
  const { put, servers, repo, load } = await project(TRUSTED);
  expect(mcpFiles(load().config, repo)).toEqual([]);
  put('.cursor/mcp.json', { mcpServers: { web: { url: 'https://old' }, other: { command: 'other' } } });
  const file = put('.mcp.json', {
    more: 1,
    mcpServers: {
      web: { type: 'http', url: 'https://${HOST}/mcp', headers: { Authorization: 'Bearer ${env:TOKEN}' } },
      near: {
        command: 'node',
        args: ['${workspaceFolder}/s.js', '${LEVEL:-low level}', '${A}${B}'],
        env: { DEPTH: 3 },
        disabled: true,
        autoApprove: ['all'],
      },
    },
  });
  expect(mcpFiles(load().config, repo)).toEqual(
    ['.cursor/mcp.json', '.mcp.json'].map((name) => ({ file: path.join(repo, name), folder: repo })),
  );
  const env = { HOST: 'box', TOKEN: 'secret ${HOST}', A: 'a' };
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(servers(env)).toEqual({
    warnings: [],
    entries: [
      {
        name: 'web',
        settings: { url: 'https://box/mcp', http_headers: { Authorization: 'Bearer secret ${HOST}' } },
        source: file,
        folder: repo,
        project: {
          root: repo,
          hash,
          lines: ['https://${HOST}/mcp', 'header: Authorization: Bearer ${env:TOKEN}'],
        },
      },
      {
        name: 'other',
        settings: { command: 'other', args: [], env: {} },
        source: path.join(repo, '.cursor/mcp.json'),
        folder: repo,
        project: { root: repo, hash, lines: ['other'] },
      },
      {
        name: 'near',
        settings: {
          command: 'node',
          args: [`${repo}/s.js`, 'low level', 'a${B}'],
          env: { DEPTH: '3' },
          enabled: false,
        },
        source: file,
        folder: repo,
        problem: 'B is not set in your environment',
        project: {
          root: repo,
          hash,
          lines: ["node '${workspaceFolder}/s.js' '${LEVEL:-low level}' '${A}${B}'", 'env: DEPTH=3'],
        },
      },
    ],
  });
});

test('what was allowed holds whatever the variables are, and for nothing else', async () => {
  const { put, servers } = await project(TRUSTED);
  const hashOf = (env: NodeJS.ProcessEnv = {}) => servers(env).entries[0]?.project?.hash;
  put('.mcp.json', { mcpServers: { a: { command: 'a', args: ['${X}'] } } });
  const first = hashOf();
  expect(hashOf({ X: 'other' })).toBe(first);
  put('.mcp.json', { mcpServers: { a: { command: 'a', args: ['${X}'], cwd: 'sub' } } });
  expect(hashOf()).not.toBe(first);
});

test('a broken file, a broken entry and a file of a folder that is not trusted are one line each', async () => {
  const { put, servers, repo, home } = await project(TRUSTED);
  const file = put('.mcp.json', '{"mcpServers": ');
  const cursor = put('.cursor/mcp.json', {
    mcpServers: {
      'a b': { command: 'a' },
      both: { command: 'a', url: 'b' },
      args: { command: 'a', args: 'x' },
      list: [],
    },
  });
  expect(servers()).toEqual({
    entries: [],
    warnings: [
      `oagent is ignoring mcpServers."a b" in ${cursor}: the name of a server has letters, digits, - and single _ in it, at most 63`,
      `oagent is ignoring mcpServers.both in ${cursor}: it has both command and url: leave one of them out`,
      `oagent is ignoring mcpServers.args in ${cursor}: args is not a list of texts`,
      `oagent is ignoring mcpServers.list in ${cursor}: it is not an object`,
      `oagent is ignoring ${file}: it is not JSON: Unexpected end of JSON input`,
    ],
  });
  const { config } = loadConfig({ home: path.join(repo, 'none'), cwd: repo });
  expect(projectServers(config, { cwd: repo, home, env: {} })).toEqual({
    entries: [],
    warnings: [
      `oagent is ignoring the project's MCP servers (${cursor}, ${file}), because the folder is not trusted. ` +
        `To trust it, start oagent in it and say yes, or set trust_level = "trusted" under [projects."${repo}"] in ${path.join(home, 'config.toml')}`,
    ],
  });
});

test('nothing but a regular file is read', async () => {
  const { servers, repo } = await project(TRUSTED);
  mkdirSync(path.join(repo, '.mcp.json'));
  expect(servers()).toEqual({
    entries: [],
    warnings: [`oagent is ignoring ${path.join(repo, '.mcp.json')}: it is not a regular file`],
  });
});
