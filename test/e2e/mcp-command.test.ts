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
        'API_KEY is in config.toml now. To pass on your own variable instead, write env_vars = ["API_KEY"].',
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

  test('takes what Claude Code is given', async () => {
    const { mcp, config } = await place();
    const shown = async (...args: readonly string[]) => {
      const { code, said } = await mcp('add', ...args);
      return [code, said.split('\n').slice(1, -1)];
    };
    expect([
      await shown('-t', 'http', 'web', 'https://web.example/mcp', '--header', 'Authorization: Bearer abc'),
      await shown('plain', 'https://plain.example/mcp'),
      (await shown('-e', 'A=b', '--transport', 'stdio', 'docs', '--', 'docs'))[0],
    ]).toEqual([
      [
        0,
        [
          'Authorization is in config.toml now. To take it from a variable of yours instead, write env_http_headers = { Authorization = "VARIABLE" }.',
          'Try it: oagent mcp test web',
        ],
      ],
      [0, ['If it asks for a login: oagent mcp login plain', 'Try it: oagent mcp test plain']],
      0,
    ]);
    expect(config()).toBe(
      [
        '[mcp_servers.web]\nurl = "https://web.example/mcp"\n',
        '[mcp_servers.web.http_headers]\nAuthorization = "Bearer abc"\n',
        '[mcp_servers.plain]\nurl = "https://plain.example/mcp"\n',
        '[mcp_servers.docs]\ncommand = "docs"\nargs = []\n',
        '[mcp_servers.docs.env]\nA = "b"\n',
      ].join('\n'),
    );
  });

  test.for([
    [['a', 'https://b', 'x'], 'https://b is an address: nothing follows it'],
    [
      ['a', '-t', 'sse', 'https://b/sse'],
      'servers with only the older SSE transport are not supported. Most have an address of streamable HTTP too, often with /mcp at its end',
    ],
    [['a', '--header', 'X: 1', '--', 'x'], '--header is for a server with an address: use --env'],
    [['a', 'https://b', '-H', 'Token'], '--header Token: a header is written "Name: value"'],
    [
      ['a b', '--', 'x'],
      '"a b" cannot be a name: the name of a server has letters, digits, - and single _ in it, at most 63',
    ],
    [['a'], 'how is it started, or where does it run? Write its command behind --, or its address'],
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

test('a word that is no action is said to be none, whatever follows it', async () => {
  const { mcp } = await place();
  const said = await Promise.all([mcp('add-json', 'x', '{}'), mcp('--help')]);
  expect([said[0].code, said[0].said.split('\n')[0], /list \[options\] +list/.test(said[1].said)]).toEqual([
    2,
    "error: unknown command 'add-json'",
    true,
  ]);
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

const MODULES = path.resolve(import.meta.dirname, '../../node_modules');
const MEMORY = path.join(MODULES, '@modelcontextprotocol/server-memory/dist/index.js');

describe('test, list and get', () => {
  test('a real server is started, and what it has is known from then on', async () => {
    const { mcp, made } = await place();
    const command = `command = "${process.execPath}"\nargs = ["${MEMORY}", "--token", "ghp_abcdefghijklmnopqrstuv"]`;
    writeFileSync(
      path.join(made.home, 'config.toml'),
      `[mcp_servers.memory]\n${command}\ndisabled_tools = ["create_entities", "add_observations"]\nenv = { MEMORY_FILE_PATH = "${made.home}/m" }\n`,
    );
    const target = `  ${process.execPath} ${MEMORY} --token ********`;
    expect(await mcp()).toEqual({
      code: 0,
      said: ['memory (yours)', target, '  outside the sandbox · has not run yet', ''].join('\n'),
    });
    const tested = await mcp('test', 'memory');
    expect({ ...tested, said: tested.said.replace(/\d+\.\d s/, 'N s') }).toEqual({
      code: 0,
      said: [
        'memory works: memory-server 0.6.3, protocol 2025-11-25, N s',
        '7 tools, 1 resource',
        '2 more are left out by enabled_tools and disabled_tools',
        'Starting memory …',
        '  Knowledge Graph MCP Server running on stdio',
        '',
      ].join('\n'),
    });
    const { said } = await mcp('get', 'memory');
    expect(said.split('\n').slice(0, 11)).toEqual([
      'memory (yours)',
      target,
      '  outside the sandbox · 7 tools, 1 resource',
      '  from HOME/config.toml',
      `  command = "${process.execPath}"`,
      `  args = ["${MEMORY}","--token","********"]`,
      '  env = {"MEMORY_FILE_PATH":"********"}',
      '  disabled_tools = ["create_entities","add_observations"]',
      '  memory-server 0.6.3, protocol 2025-11-25',
      '  tools:',
      '    create_relations: Create multiple new relations between entities in the knowledge graph.',
    ]);
    const files = () => readdirSync(path.join(made.home, 'mcp')).filter((name) => name.endsWith('.json'));
    expect(files()).toHaveLength(1);
    await mcp('remove', 'memory');
    expect(files()).toEqual([]);
  });

  test('as JSON, with the names of Codex and no secret', async () => {
    const { made } = await place(
      '[mcp_servers.web]\nurl = "https://me:pw@web/mcp?key=k123"\nhttp_headers = { Authorization = "Bearer t123" }\nenabled = false\n',
    );
    const { stdout } = await made.run(['mcp', 'list', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      {
        name: 'web',
        enabled: false,
        disabled_reason: 'it is switched off (enabled = false)',
        transport: {
          type: 'streamable_http',
          url: 'https://web/mcp',
          http_headers: { Authorization: '********' },
        },
        startup_timeout_sec: null,
        tool_timeout_sec: null,
        auth_status: 'bearer_token',
        source: path.join(made.home, 'config.toml'),
        trust: null,
        shadowed: false,
        sandbox: false,
        known: null,
      },
    ]);
    const one = await made.run(['mcp', 'get', 'web', '--json']);
    expect(JSON.parse(one.stdout)).toEqual({ ...JSON.parse(stdout)[0], tools: [] });
  });

  test('servers of the project are told from your own', async () => {
    const { mcp, made, config } = await project({ db: { command: 'db' }, web: { url: 'https://theirs' } });
    const file = path.join(made.home, 'config.toml');
    writeFileSync(file, `${config()}[mcp_servers.web]\nurl = "https://mine"\nsandbox = true\n`);
    expect((await mcp('list')).said.split('\n')).toEqual([
      'web (yours)',
      '  https://mine',
      '  not logged in · has not run yet',
      'db (of the project, not used until you allow it)',
      '  db',
      '  outside the sandbox · has not run yet',
      '  to see it and allow it: oagent mcp allow db',
      'web (of the project, not used until you allow it; your own of this name is used instead)',
      '  https://theirs',
      '  not logged in · has not run yet',
      '  to see it and allow it: oagent mcp allow web',
      '',
    ]);
    expect(await mcp('test', 'db')).toEqual({
      code: 1,
      said: 'Error: db comes with the project, and you have not allowed it.\nTo see what it is and allow it: oagent mcp allow db\n',
    });
  });

  test('one that is switched off is tried all the same, which is said', async () => {
    const { mcp } = await place(
      `[mcp_servers.memory]\ncommand = "${process.execPath}"\nargs = ["${MEMORY}"]\nenabled = false\n`,
    );
    const { code, said } = await mcp('test', 'memory');
    expect([code, said.split('\n').at(-2)]).toEqual([
      0,
      'It is switched off (enabled = false): sessions do not use it.',
    ]);
  });

  test('a server that fails is shown with its last words', async () => {
    const { mcp } = await place(
      `[mcp_servers.bad]\ncommand = "sh"\nargs = ["-c", "echo one >&2; echo key ghp_abcdefghijklmnopqrstuv >&2; exit 3"]\n`,
    );
    expect(await mcp('test', 'bad')).toEqual({
      code: 1,
      said: [
        'Starting bad …',
        '  one',
        '  key ********',
        'Error: bad: The server has ended (exit code 3).',
        'Its last words: key ********',
        '',
      ].join('\n'),
    });
  });

  test('a login is used, and one that is needed is named', async () => {
    const server = await authServer();
    const { made, mcp } = await place(`[mcp_servers.web]\nurl = "${server.url}"\n`);
    expect(await mcp('test', 'web')).toEqual({
      code: 1,
      said: 'Starting web …\nError: web: The server asks for a login (HTTP 401).\nLog in by `oagent mcp login web`, or set bearer_token_env_var.\n',
    });
    await logIn(made, 'web', server.browse);
    const { code, said } = await mcp('test', 'web');
    expect([code, said.split('\n')[1]]).toEqual([0, '1 tool']);
    expect((await mcp('list')).said.split('\n')[2]).toBe('  logged in · 1 tool');
  });
});

test('doctor has a line for each server', async () => {
  const { made, config } = await project({
    db: { command: 'db' },
    old: { command: 'old', args: [VARIABLE] },
  });
  const file = path.join(made.home, 'config.toml');
  writeFileSync(
    file,
    `${config()}[mcp_servers.web]\nurl = "https://mine"\n[mcp_servers.off]\ncommand = "x"\nenabled = false\n`,
  );
  await made.run(['mcp', 'allow', 'old']);
  const { stdout } = await made.run(['doctor', '--json']);
  const { checks } = JSON.parse(stdout);
  expect(checks.filter(({ section }: { readonly section: string }) => section === 'MCP')).toEqual([
    { section: 'MCP', mark: 'ok', lines: ['web: has not run yet; to try it: oagent mcp test web'] },
    { section: 'MCP', mark: 'ok', lines: ['off: switched off'] },
    {
      section: 'MCP',
      mark: 'warn',
      lines: [
        'db comes with the project and is not used',
        'To see what it is and allow it: oagent mcp allow db',
      ],
    },
    {
      section: 'MCP',
      mark: 'warn',
      lines: [
        'old cannot be used: TOKEN is not set in your environment',
        `It is configured in ${path.join(made.cwd, '.mcp.json')}`,
      ],
    },
  ]);
});
