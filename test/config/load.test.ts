import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { type LoadOptions, loadConfig } from '../../src/config/load.ts';

let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'oagent-config-'));
  file = path.join(home, 'config.toml');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const load = (text: string | Uint8Array, options: Partial<LoadOptions> = {}) => {
  writeFileSync(file, text);
  return loadConfig({ home, cwd: '/work', ...options });
};

/** The message of the ConfigError that loading throws. */
const failure = (text: string | Uint8Array, options: Partial<LoadOptions> = {}): string => {
  try {
    load(text, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('loaded');
};

const DEFAULTS = {
  models: {},
  history: { persistence: 'save-all' },
  model_provider: 'ollama',
  model_providers: {},
  approval_policy: 'on-request',
  approvals_reviewer: 'user',
  sandbox_workspace_write: {
    writable_roots: [],
    network_access: false,
    exclude_tmpdir_env_var: false,
    exclude_slash_tmp: false,
  },
  shell_environment_policy: {
    inherit: 'all',
    ignore_default_excludes: false,
    exclude: [],
    set: {},
    include_only: [],
  },
  project_doc_max_bytes: 32_768,
  project_doc_fallback_filenames: [],
  project_root_markers: ['.git'],
  projects: {},
  mcp_servers: {},
  mcp: { direct_tokens: 800 },
  skills: { enabled: true },
  agents: { enabled: false },
  tools: { unified_exec: true },
  limits: {},
  tui: {},
  index: { enabled: true },
  memories: {
    enabled: true,
    use: true,
    generate: true,
    idle_minutes: 10,
    min_rollout_idle_hours: 12,
    max_rollout_age_days: 30,
    allow_loading: false,
    on_battery: false,
    exec_sessions: true,
  },
  ollama: { idle_timeout_ms: 600_000 },
};

test('settings of single models merge by name; -c reaches one whose name has colons and dots', () => {
  const text = `[models."qwen2.5-coder:1.5b"]\nprofile = "native"\n[models.qwen3]\nprofil = "led"\n`;
  const { config, origins, warnings } = load(text, {
    overrides: ['models."qwen2.5-coder:1.5b".profile=led', 'models.phi4:14b.profile=native'],
  });
  expect({ models: config.models, warnings }).toEqual({
    models: { 'qwen2.5-coder:1.5b': { profile: 'led' }, qwen3: {}, 'phi4:14b': { profile: 'native' } },
    warnings: [
      `oagent is ignoring 1 unrecognized configuration setting: models.qwen3.profil (did you mean models.qwen3.profile?) (${file})`,
    ],
  });
  expect(origins.get('models."qwen2.5-coder:1.5b".profile')).toBe('-c');
  expect(failure('[models.x]\nprofile = "led by hand"\n')).toContain(
    'models.x.profile: expected one of "native", "led", got "led by hand"',
  );
});

describe('layers', () => {
  test('without a file, and without a folder for it, there are the defaults', () => {
    const missing = path.join(home, 'none');
    expect(loadConfig({ home: missing, cwd: '/work' })).toEqual({
      config: DEFAULTS,
      origins: new Map(
        [
          'model_provider',
          'approval_policy',
          'approvals_reviewer',
          'sandbox_workspace_write.writable_roots',
          'sandbox_workspace_write.network_access',
          'sandbox_workspace_write.exclude_tmpdir_env_var',
          'sandbox_workspace_write.exclude_slash_tmp',
          'shell_environment_policy.inherit',
          'shell_environment_policy.ignore_default_excludes',
          'shell_environment_policy.exclude',
          'shell_environment_policy.include_only',
          'project_doc_max_bytes',
          'project_doc_fallback_filenames',
          'project_root_markers',
          'mcp.direct_tokens',
          'skills.enabled',
          'agents.enabled',
          'tools.unified_exec',
          'history.persistence',
          'index.enabled',
          'memories.enabled',
          'memories.use',
          'memories.generate',
          'memories.idle_minutes',
          'memories.min_rollout_idle_hours',
          'memories.max_rollout_age_days',
          'memories.allow_loading',
          'memories.on_battery',
          'memories.exec_sessions',
          'ollama.idle_timeout_ms',
        ].map((key) => [key, 'default']),
      ),
      warnings: [],
      path: path.join(missing, 'config.toml'),
      projectFiles: [],
      projectHooks: [],
    });
  });

  test('defaults < file < profile < -c < flags, and each value knows its origin', () => {
    const { config, origins, warnings } = load(
      `model = "file"
approval_policy = "never"
profile = "fast"
project_root_markers = [".git", ".hg"]
[sandbox_workspace_write]
network_access = true
[projects."/a.b"]
trust_level = "trusted"
[profiles.fast]
model = "profile"
model_context_window = 4096
ollama = { keep_alive = -1, top_p = 0.5 }
`,
      {
        overrides: ['model_context_window=8192', 'ollama.top_p=0.9', 'project_root_markers=["x"]'],
        flags: { sandbox_mode: 'read-only', ollama: { top_p: 1 }, model: undefined },
      },
    );
    expect(config).toEqual({
      ...DEFAULTS,
      profile: 'fast',
      model: 'profile',
      model_context_window: 8192,
      approval_policy: 'never',
      sandbox_mode: 'read-only',
      sandbox_workspace_write: { ...DEFAULTS.sandbox_workspace_write, network_access: true },
      project_root_markers: ['x'],
      projects: { '/a.b': { trust_level: 'trusted' } },
      ollama: { keep_alive: -1, idle_timeout_ms: 600_000, top_p: 1 },
    });
    expect(Object.fromEntries([...origins].filter(([, origin]) => origin !== 'default'))).toEqual({
      profile: file,
      model: 'profile fast',
      model_context_window: '-c',
      approval_policy: file,
      sandbox_mode: 'flag',
      'sandbox_workspace_write.network_access': file,
      project_root_markers: '-c',
      'projects."/a.b".trust_level': file,
      'ollama.keep_alive': 'profile fast',
      'ollama.top_p': 'flag',
    });
    expect(warnings).toEqual([]);
  });

  test('-p goes before -c profile=, which goes before the file, and -c can add to a profile', () => {
    const text = 'profile = "a"\n[profiles]\na.model = "A"\nb.model = "B"\nc.model = "C"\n';
    const overrides = ['profile=b', 'profiles.b.model_context_window=1', 'profiles.b.model=O'];
    const pick = (options: Partial<LoadOptions>) => {
      const { config, origins } = load(text, options);
      return [config.profile, origins.get('profile'), config.model, config.model_context_window];
    };
    expect([pick({}), pick({ overrides }), pick({ overrides, profile: 'c' })]).toEqual([
      ['a', file, 'A', undefined],
      ['b', '-c', 'O', 1],
      ['c', 'flag', 'C', undefined],
    ]);
  });

  test('relative paths start at the folder of what says them', () => {
    const roots = (options: Partial<LoadOptions>) =>
      load(
        '[sandbox_workspace_write]\nwritable_roots = ["a", "/abs/../b", "~/c", "~d"]\n[profiles.p]\nsandbox_workspace_write.writable_roots = ["p"]',
        options,
      ).config.sandbox_workspace_write.writable_roots;
    expect([
      roots({}),
      roots({ profile: 'p' }),
      roots({ overrides: ['sandbox_workspace_write.writable_roots=["o"]'] }),
      roots({ flags: { sandbox_workspace_write: { writable_roots: ['../f'] } } }),
    ]).toEqual([
      [path.join(home, 'a'), '/b', path.join(os.homedir(), 'c'), path.join(home, '~d')],
      [path.join(home, 'p')],
      ['/work/o'],
      ['/f'],
    ]);
  });

  test('the caller’s flags are left as they were', () => {
    const flags = { sandbox_workspace_write: { writable_roots: ['f'] } };
    load('', { flags });
    expect(flags).toEqual({ sandbox_workspace_write: { writable_roots: ['f'] } });
  });

  test('over random layers, the highest one that says a key wins', () => {
    const partial = fc.record(
      {
        model: fc.string({ minLength: 1 }),
        model_context_window: fc.integer({ min: 1, max: 1e9 }),
        notify: fc.array(fc.string(), { maxLength: 2 }),
        ollama: fc.record(
          {
            keep_alive: fc.oneof(fc.constantFrom('', '1h', 'server', '-1'), fc.integer()),
            top_p: fc.constantFrom(0, 0.25, 1),
          },
          { requiredKeys: [] },
        ),
        sandbox_workspace_write: fc.record({ network_access: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    );
    type Flat = { [key: string]: unknown };
    const flat = (layer: object): Flat =>
      Object.fromEntries(
        Object.entries(layer).flatMap(([key, value]) =>
          typeof value === 'object' && !Array.isArray(value)
            ? // An empty table is no value, so nothing can be its origin.
              Object.entries(value).flatMap(([inner, leaf]) =>
                JSON.stringify(leaf) === '{}' ? [] : [[`${key}.${inner}`, leaf]],
              )
            : [[key, value]],
        ),
      );
    fc.assert(
      fc.property(partial, partial, partial, partial, (user, profile, override, flags) => {
        const { config, origins } = load(stringify({ ...user, profiles: { p: profile } }), {
          profile: 'p',
          overrides: Object.entries(flat(override)).map(([key, value]) =>
            stringify({ x: value }).trim().replace(/^x =/, `${key}=`),
          ),
          flags,
        });
        const layers = [flat(flags), flat(override), flat(profile), flat(user), flat(DEFAULTS)];
        const names = ['flag', '-c', 'profile p', file, 'default'];
        const expected: Flat = { profile: 'p' };
        const from: Flat = { profile: 'flag' };
        for (const key of new Set(layers.flatMap(Object.keys))) {
          const index = layers.findIndex((layer) => key in layer);
          expected[key] = layers[index]?.[key];
          from[key] = names[index];
        }
        expect(flat(config)).toEqual(expected);
        expect(Object.fromEntries(origins)).toEqual(from);
      }),
      { numRuns: 60 },
    );
  });
});

describe('errors', () => {
  test('bad TOML is shown with place and caret', () => {
    expect(failure('model = "a"\nfoo bar\n')).toBe(
      `Error loading config.toml:\n${file}:2:5: illegal character in key\n  |\n2 | foo bar\n  |     ^`,
    );
  });

  test('damaged UTF-8 is refused at the byte', () => {
    expect(failure(Buffer.from('model = "a"\n# \xc3\xa4\xc3\xb6\nx = "\xe4"', 'latin1'))).toBe(
      `Error loading config.toml:\n${file}:3:6: the file is not valid UTF-8\n  |\n3 | x = "\ufffd"\n  |      ^`,
    );
  });

  test('what is not text is refused', () => {
    expect(failure(Buffer.from([0x61, 0, 0xff]))).toBe(
      `Error loading config.toml:\n${file}: it is binary data. Save it as UTF-8.`,
    );
  });

  test('UTF-16 is read, Latin-1 with a warning', () => {
    const utf16 = load(Buffer.from('\ufeffmodel = "ä"\r\n', 'utf16le'));
    const latin1 = load(Buffer.from('model = "\xe4"\n', 'latin1'));
    expect([utf16, latin1].map(({ config, warnings }) => [config.model, warnings])).toEqual([
      ['ä', []],
      ['ä', [`${file}: it is not UTF-8; it was read as Windows-1252 (Latin-1). Save it as UTF-8.`]],
    ]);
  });

  test('a byte order mark is no error', () => {
    expect(load('\ufeffmodel = "a"').config.model).toBe('a');
  });

  test('a file that cannot be read is named with the reason', () => {
    mkdirSync(file);
    expect(() => loadConfig({ home, cwd: '/work' })).toThrow(
      new ConfigError(`Error loading config.toml:\n${file}: cannot be read: it is not a regular file`),
    );
  });

  test.each([
    ['model = 3', '1:1', 'model: expected a string, got 3'],
    [
      'approval_policy = "always"',
      '1:1',
      'approval_policy: expected one of "untrusted", "on-failure", "on-request", "never", got "always"',
    ],
    ['notify = ["a", true]', '1:1', 'notify[1]: expected a string, got true'],
    ['model_context_window = 0', '1:1', 'model_context_window: expected a number above 0, got 0'],
    ['model_context_window = 4.5', '1:1', 'model_context_window: expected a whole number, got 4.5'],
    [
      'ollama.keep_alive = "1d"',
      '1:8',
      'ollama.keep_alive: expected a duration such as "30m", seconds, or "server", got "1d"',
    ],
    ['ollama.top_p = 2', '1:8', 'ollama.top_p: expected a number of at most 1, got 2'],
    ['ollama = { temperature = nan }', '1:12', 'ollama.temperature: expected a number, got NaN'],
    ['ollama.keep_alive = []', '1:8', 'ollama.keep_alive: expected a string or a number, got an array'],
    ['model = 1979-05-27', '1:1', 'model: expected a string, got a date'],
    ['projects."/a.b" = 1', '1:10', 'projects."/a.b": expected a table, got 1'],
    ['profiles.p.model = {}', '1:12', 'profiles.p.model: expected a string, got a table'],
    [
      'ollama.idle_timeout_ms = "\\u001b]"',
      '1:8',
      'ollama.idle_timeout_ms: expected a number, got "\\u001b]"',
    ],
  ])('a value of the wrong kind: %s', (line, place, message) => {
    const column = Number(place.split(':')[1]);
    expect(failure(line)).toBe(
      `Error loading config.toml:\n${file}:${place}: ${message}\n  |\n1 | ${line}\n  | ${' '.repeat(column - 1)}^`,
    );
  });

  test('every wrong value is told, wherever it comes from', () => {
    expect(
      failure('model = 1', { overrides: ['approval_policy=maybe'], flags: { model_context_window: -1 } }),
    ).toBe(
      `Error loading config.toml:\n${file}:1:1: model: expected a string, got 1\n  |\n1 | model = 1\n  | ^\n` +
        '-c: approval_policy: expected one of "untrusted", "on-failure", "on-request", "never", got "maybe"\n' +
        'flag: model_context_window: expected a number above 0, got -1',
    );
  });

  test('a wrong value among headers is not quoted, nor is its line', () => {
    expect(failure('[model_providers.box]\nhttp_headers = { Authorization = "s3cret", N = 12345 }')).toBe(
      `Error loading config.toml:\n${file}:2:44: model_providers.box.http_headers.N: expected a string, got a number`,
    );
  });

  test('an unknown profile names those that exist', () => {
    const text = 'profile = "z"\n[profiles.a]\n[profiles.b]';
    expect([
      failure(text),
      failure(text, { profile: 'y' }),
      failure('', { overrides: ['profile=x'] }),
    ]).toEqual([
      `Error loading config.toml:\n${file}:1:1: config profile \`z\` not found; defined are: a, b\n  |\n1 | profile = "z"\n  | ^`,
      `Error loading config.toml:\n${file}: config profile \`y\` not found; defined are: a, b`,
      'Error loading config.toml:\n-c: config profile `x` not found; no profiles are defined',
    ]);
  });
});

describe('unknown keys', () => {
  const text =
    'modle = "x"\nmcb = 1\n[sandbox_workspace_write]\nwritable_root = []\n[profiles.p]\nmodel_provder = "x"\n';

  test('give one warning that lists them all', () => {
    expect(load(text, { overrides: ['projects."/a.b".trust=1'] })).toMatchObject({
      config: DEFAULTS,
      warnings: [
        'oagent is ignoring 5 unrecognized configuration settings: ' +
          'profiles.p.model_provder (did you mean profiles.p.model_provider?), ' +
          'sandbox_workspace_write.writable_root (did you mean sandbox_workspace_write.writable_roots?), ' +
          `modle (did you mean model?), mcb (did you mean mcp?) (${file}); projects."/a.b".trust (-c)`,
      ],
    });
  });

  test('are errors when strict', () => {
    expect(failure('model = "m"\nmodle = "x"', { strict: true, overrides: ['a.b=1'] })).toBe(
      `Error loading config.toml:\n${file}:2:1: unknown configuration setting: modle (did you mean model?)\n  |\n2 | modle = "x"\n  | ^\n` +
        '-c: unknown configuration setting: a',
    );
  });

  test('that Codex knows are accepted in silence where nothing is lost, also when strict and in profiles', () => {
    const codex = `check_for_update_on_startup = false
web_search = "disabled"
disable_response_storage = true
tui.show_tooltips = true
[features]
steer = true
web_search_request = false
[model_providers.box]
requires_openai_auth = true
query_params = { version = "1" }
wire_api = "chat"
[profiles.p]
model_verbosity = "low"
model_providers.box.request_max_retries = 1
[profiles.other]
web_search = "live"
`;
    expect(load(codex, { strict: true, profile: 'p' })).toMatchObject({
      config: {
        ...DEFAULTS,
        profile: 'p',
        model_providers: {
          box: { wire_api: 'chat', query_params: { version: '1' }, request_max_retries: 1 },
        },
      },
      warnings: [],
    });
  });

  const lost = `web_search = "live"
tui.theme = "dracula"
model_provider = "box"
profile = "p"
[features]
web_search_request = true
[model_providers.box]
base_url = "http://box:11434"
stream_max_retries = 1
[profiles.p.permissions.work]
network = false
`;

  test('that Codex knows are named in one line, with what to do, where something is lost', () => {
    expect(load(lost, { overrides: ['allow_login_shell=true'] }).warnings).toEqual([
      'oagent does not use these settings of Codex: tui.theme: the themes are auto, color and plain; ' +
        'profiles.p.permissions: set sandbox_mode and sandbox_workspace_write; ' +
        'model_providers.box.stream_max_retries: a request is tried 3 times; ollama.reconnect_ms is how long a server that is ' +
        'away is waited for; ' +
        'web_search, features.web_search_request: there is no web search ' +
        `(${file}); allow_login_shell: commands get no login shell; set PATH in shell_environment_policy.set (-c)`,
    ]);
  });

  test('that are lost are errors when strict', () => {
    expect(failure('tui.theme = "x"\n', { strict: true, overrides: ['web_search=live'] })).toBe(
      `Error loading config.toml:\n${file}:1:5: tui.theme: oagent does not use this setting of Codex: the themes are auto, color and plain\n  |\n1 | tui.theme = "x"\n  |     ^\n` +
        '-c: web_search: oagent does not use this setting of Codex: there is no web search',
    );
  });

  test('a feature that nobody has gets the nearest that oagent has', () => {
    expect(load('', { overrides: ['features.unifed_exec=true'] }).warnings).toEqual([
      'oagent is ignoring 1 unrecognized configuration setting: features.unifed_exec (did you mean features.unified_exec?) (-c)',
    ]);
  });
});

test.each([
  [
    'auto_review',
    'model',
    [
      'oagent does not use these settings of Codex: approvals_reviewer: counts as "model", which can object but allows nothing',
    ],
  ],
  ['model', 'model', []],
  ['user', 'user', []],
])('approvals_reviewer = "%s" is %s', (value, counts, said) => {
  const { config, warnings } = load(`approvals_reviewer = "${value}"\n`);
  expect([config.approvals_reviewer, warnings]).toEqual([counts, said.map((text) => `${text} (${file})`)]);
});

test('a theme of our own is taken', () => {
  expect(load('tui.theme = "plain"\n')).toMatchObject({ config: { tui: { theme: 'plain' } }, warnings: [] });
});

describe('granular approval', () => {
  test.each([
    ['{ granular = { sandbox_approval = true, rules = false } }', 'on-request'],
    ['{ granular = { sandbox_approval = false, rules = true } }', 'never'],
    ['{ granular = {} }', 'never'],
  ] as const)('%s counts as %s, and this is said', (value, policy) => {
    const { config, warnings } = load(`approval_policy = ${value}\n`);
    expect([config.approval_policy, warnings]).toEqual([
      policy,
      [
        'oagent does not use these settings of Codex: approval_policy.granular: counts as "on-request" if ' +
          `sandbox_approval is true, otherwise as "never" (${file})`,
      ],
    ]);
  });
});

describe('profiles in files of their own', () => {
  const own = (name: string, text: string): string => {
    const file = path.join(home, `${name}.config.toml`);
    writeFileSync(file, text);
    return file;
  };

  test('count above config.toml and [profiles.NAME], below -c', () => {
    const work = own(
      'work',
      'model = "own"\nmodel_context_window = 512\nmodel_instructions_file = "a.md"\nmodle = 1\n',
    );
    const { config, origins, warnings } = load(
      'model = "base"\n[profiles.work]\nmodel = "table"\nmodel_reasoning_effort = "low"\n',
      { profile: 'work', overrides: ['model_context_window=1024'] },
    );
    expect(config).toMatchObject({
      profile: 'work',
      model: 'own',
      model_context_window: 1024,
      model_reasoning_effort: 'low',
      model_instructions_file: path.join(home, 'a.md'),
    });
    expect([origins.get('model'), warnings]).toEqual([
      work,
      [`oagent is ignoring 1 unrecognized configuration setting: modle (did you mean model?) (${work})`],
    ]);
  });

  test('are found by `profile` too, and an error names their place', () => {
    const work = own('work', 'model = 1\n');
    expect(failure('profile = "work"\n')).toBe(
      `Error loading config.toml:\n${work}:1:1: model: expected a string, got 1\n  |\n1 | model = 1\n  | ^`,
    );
  });

  test.each(['../x', 'a/b', '', '.'])('%j is no name of a file', (name) => {
    writeFileSync(path.join(path.dirname(home), 'x.config.toml'), 'model = "far"\n');
    expect(failure('', { profile: name })).toContain(`config profile \`${name}\` not found`);
    rmSync(path.join(path.dirname(home), 'x.config.toml'));
  });
});

test('any -c string loads or is a ConfigError', () => {
  const segment = fc.constantFrom(
    ...[
      'model',
      'ollama',
      'projects',
      'profiles',
      'profile',
      '"/a.b"',
      'http_headers',
      'model_providers',
      'p',
    ],
    ...[
      'top_p',
      '__proto__',
      'constructor',
      '""',
      'trust_level',
      'sandbox_workspace_write',
      'writable_roots',
    ],
  );
  const value = fc.oneof(
    fc.constantFrom(
      '{}',
      '[]',
      '1',
      'p',
      '{__proto__ = {model = 1}}',
      '["a"]',
      'nan',
      '__proto__',
      'trusted',
    ),
    fc.string(),
  );
  const likely = fc
    .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), value)
    .map(([key, text]) => `${key.join('.')}=${text}`);
  fc.assert(
    fc.property(fc.array(fc.oneof(likely, fc.string({ unit: 'binary' })), { maxLength: 3 }), (overrides) => {
      try {
        loadConfig({ home, cwd: '/work', overrides });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: 300 },
  );
  expect(Reflect.get({}, 'model')).toBe(undefined);
});

test('a profile named __proto__ does not exist', () => {
  const overrides = ['profiles.__proto__.model=1', 'profile=__proto__'];
  expect(failure('', { overrides })).toBe(
    'Error loading config.toml:\n-c: config profile `__proto__` not found; no profiles are defined',
  );
});

test.each(['ollama', 'tui', 'projects', 'x'])('a -c key of 50,000 segments in %s is only ignored', (top) => {
  const { config } = loadConfig({ home, cwd: '/work', overrides: [`${top}${'.a'.repeat(50_000)}=1`] });
  expect(config).toEqual(top === 'projects' ? { ...DEFAULTS, projects: { a: {} } } : DEFAULTS);
});
