/** `oagent mcp` as a process: what the user decides about servers, and the login to one. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { authServer } from '../support/auth-server.ts';
import { type Bench, bench } from '../support/exec.ts';

const VARIABLE = '$'.concat('{TOKEN}');

async function place(config = '') {
  const made = await bench([]);
  const file = path.join(made.home, 'config.toml');
  if (config !== '') writeFileSync(file, config);
  const shown = (text: string): string => text.replaceAll(made.home, 'HOME').replaceAll(made.cwd, 'REPO');
  const mcp = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await made.run(['mcp', ...args]);
    return { code, said: shown(`${stdout}${stderr}`) };
  };
  return { made, mcp, config: () => readFileSync(file, 'utf8') };
}

/** A project that brings servers, in a folder that the user trusts. */
async function project(servers: object) {
  const placed = await place();
  const { made } = placed;
  writeFileSync(path.join(made.home, 'config.toml'), `[projects."${made.cwd}"]\ntrust_level = "trusted"\n`);
  writeFileSync(path.join(made.cwd, '.mcp.json'), JSON.stringify({ mcpServers: servers }));
  return placed;
}

describe('add', () => {
  test('writes a program, says that it is not confined, and refuses a name that there is', async () => {
    const { mcp, config } = await place('# mine\nmodel = "m"\n');
    expect(await mcp('add', 'docs', '--env', 'API_KEY=a=b', '--', 'npx', '-y', 'some docs')).toEqual({
      code: 0,
      said: [
        'Added docs to HOME/config.toml.',
        'It runs outside the sandbox, with all your rights.',
        'To confine it like commands of the model, set sandbox = true under [mcp_servers.docs]; network = true lets it use the network there.',
        'API_KEY now stands in config.toml. To pass on your own variable instead, write env_vars = ["API_KEY"].',
        'Try it: oagent mcp test docs',
        '',
      ].join('\n'),
    });
    const before = config();
    expect(before).toBe(
      '# mine\nmodel = "m"\n\n[mcp_servers.docs]\ncommand = "npx"\nargs = [ "-y", "some docs" ]\n\n[mcp_servers.docs.env]\nAPI_KEY = "a=b"\n',
    );
    expect(await mcp('add', 'docs', '--url', 'https://docs.example/mcp')).toEqual({
      code: 1,
      said: 'Error: there is an MCP server docs already.\nTake another name, or remove that one first: oagent mcp remove docs\n',
    });
    expect(config()).toBe(before);
  });

  test('writes an address, and where its token comes from', async () => {
    const { mcp, config } = await place();
    const added = await mcp('add', 'web', '--url', 'http://web.example/mcp', '--bearer-token-env-var', 'WEB');
    expect(added).toEqual({
      code: 0,
      said: [
        'Added web to HOME/config.toml.',
        'WEB is not set in your environment: it needs it when it is used.',
        'It is reached without encryption: others in the network can read what is sent.',
        'Try it: oagent mcp test web',
        '',
      ].join('\n'),
    });
    expect(config()).toBe(
      '[mcp_servers.web]\nurl = "http://web.example/mcp"\nbearer_token_env_var = "WEB"\n',
    );
  });

  test.for([
    [
      ['a b', '--', 'x'],
      '"a b" cannot be a name: the name of a server has letters, digits, - and single _ in it, at most 63',
    ],
    [
      ['a'],
      'how is it started, or where does it run? Write its command behind --, or its address with --url',
    ],
    [
      ['a', '--url', 'https://b', '--', 'x'],
      'a server is either a program or an address: leave out --url, or the command',
    ],
    [['a', '--url', 'docs.example'], '--url docs.example: an address begins with https:// or http://'],
    [['a', '--env', 'KEY', '--', 'x'], '--env KEY: a variable is written NAME=VALUE'],
    [
      ['a', '--env', 'K=1', '--url', 'https://b'],
      '--env is for a program that is started here, not for an address',
    ],
    [
      ['a', '--bearer-token-env-var', 'T', '--', 'x'],
      '--bearer-token-env-var is for a server with an address: use --env',
    ],
    [
      ['a', '--url', 'https://b', '--bearer-token-env-var', 'sk-12-34'],
      '--bearer-token-env-var takes the name of a variable, not the token itself',
    ],
  ] as const)('%s', async ([args, error]) => {
    const { mcp, made } = await place();
    expect(await mcp('add', ...args)).toEqual({ code: 2, said: `Error: ${error}\n` });
    expect(readdirSync(made.home)).not.toContain('config.toml');
  });

  test('says where options of a command go', async () => {
    const { mcp } = await place();
    const { code, said } = await mcp('add', 'docs', 'npx', '-y', 'docs');
    expect([code, said.split('\n')[2]]).toEqual([
      2,
      'A command with its own options goes behind --, after those of oagent.',
    ]);
  });
});

test('remove takes out the table alone, and nothing that is configured elsewhere', async () => {
  const { mcp, config, made } = await place(
    '[mcp_servers.docs]\ncommand = "docs"\n[mcp_servers.docs.env]\nA = "b"\n\n# the web\n[mcp_servers.web]\nurl = "https://web"\n',
  );
  expect(await mcp('remove', 'docs')).toEqual({ code: 0, said: 'Removed docs from HOME/config.toml.\n' });
  expect(config()).toBe('# the web\n[mcp_servers.web]\nurl = "https://web"\n');
  expect(await mcp('remove', 'wbe')).toEqual({
    code: 1,
    said: 'Error: there is no MCP server wbe: do you mean web?\n',
  });
  const { code, stderr } = await made.run(['mcp', 'remove', 'x', '-c', 'mcp_servers.x.command="x"']);
  expect([code, stderr.replaceAll(made.home, 'HOME')]).toEqual([
    1,
    'Error: x is not configured in HOME/config.toml, but in -c: remove it there\n',
  ]);
});

test('a server of the project is shown whole, and allowed or refused as it is', async () => {
  const { mcp, config, made } = await project({
    db: { command: 'db', args: ['a b'], env: { T: VARIABLE } },
  });
  expect(await mcp('login', 'db')).toEqual({
    code: 1,
    said: 'Error: db cannot be used: TOKEN is not set in your environment\n',
  });
  const lines = ["  db 'a b'", `  env: T=${VARIABLE}`];
  expect(await mcp('allow', 'db')).toEqual({
    code: 0,
    said: [
      'allowed: db, from REPO/.mcp.json',
      ...lines,
      'It runs outside the sandbox, with all your rights.',
      '',
    ].join('\n'),
  });
  expect(config()).toMatch(/\[projects\.".*"\.extensions\]\n"mcp:db" = "allowed [0-9a-f]{64}"\n$/);
  expect(await mcp('refuse', 'db')).toEqual({
    code: 0,
    said: ['refused: db, from REPO/.mcp.json', ...lines, ''].join('\n'),
  });
  expect(config()).toMatch(/"mcp:db" = "refused [0-9a-f]{64}"\n$/);
  expect(await mcp('remove', 'db')).toEqual({
    code: 1,
    said: 'Error: db comes with the project (REPO/.mcp.json).\nTo not use it: oagent mcp refuse db\n',
  });
  const { code } = await made.run(['mcp', 'allow', 'other']);
  expect(code).toBe(1);
});

/** Reads where to log in, and does. */
async function logIn(made: Bench, name: string, browse: (address: string) => Promise<unknown>) {
  const login = made.start(['mcp', 'login', name]);
  let text = '';
  login.child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  await login.printed('Ctrl+C');
  const [address = ''] = /^http\S+$/m.exec(text) ?? [];
  await browse(address);
  return login.ended;
}

test('login and logout: the tokens are in a file of the user alone, and are not said', async () => {
  const server = await authServer();
  const { made, mcp } = await place(`[mcp_servers.web]\nurl = "${server.url}"\n`);
  const { code, stdout, stderr } = await logIn(made, 'web', server.browse);
  expect([code, stdout]).toEqual([0, 'Logged in to web.\n']);
  expect(stderr).not.toContain('access-1');
  const folder = path.join(made.home, 'mcp', 'auth');
  expect(readdirSync(folder)).toHaveLength(1);
  expect(await mcp('logout', 'web')).toEqual({ code: 0, said: 'Logged out of web.\n' });
  expect(readdirSync(folder)).toEqual([]);
  expect(server.forms.map(({ token }) => token)).toEqual([undefined, 'refresh-1', 'access-1']);
  expect(await mcp('logout', 'web')).toEqual({ code: 0, said: 'There is no login to web.\n' });
});

test.for([
  ['command = "x"', 'web is a program that is started here: it has no login'],
  [
    'url = "https://web"\nbearer_token_env_var = "T"',
    'web gets its token from T.\nTo log in instead, remove bearer_token_env_var from its settings',
  ],
  [
    'url = "https://web"\nhttp_headers = { authorization = "Bearer x" }',
    'web gets its token from a header of your settings.\nTo log in instead, remove the header Authorization from them',
  ],
  [
    'url = "http://web.example/mcp"',
    'http://web.example/mcp is not used for a login: tokens are sent only to https addresses without a user, or within this machine.',
  ],
])('no login with %s', async ([settings, error]) => {
  const { mcp } = await place(`[mcp_servers.web]\n${settings}\n`);
  expect(await mcp('login', 'web')).toEqual({ code: 1, said: `Error: ${error}\n` });
});
