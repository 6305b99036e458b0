import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'smol-toml';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { knownKeys } from '../../src/config/known-keys.ts';
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../src/config/load.ts';
import { PROJECT_KEYS } from '../../src/config/project-layer.ts';
import { setTrust } from '../../src/config/set-trust.ts';

let base: string;
let home: string;
let repo: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-project-')));
  home = path.join(base, 'home');
  repo = path.join(base, 'repo');
  mkdirSync(home);
  mkdirSync(path.join(repo, '.git'), { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Where a folder keeps its configuration; the folder that holds it exists then. */
function fileOf(dir: string): string {
  mkdirSync(path.join(dir, '.oagent'), { recursive: true });
  return path.join(dir, '.oagent', 'config.toml');
}

function writeConfig(dir: string, text: string): string {
  const file = fileOf(dir);
  writeFileSync(file, text);
  return file;
}

/** Loads with the repository trusted, unless `user` says otherwise. */
function load(options: Partial<LoadOptions> = {}, user: string = trust(repo)): LoadedConfig {
  writeFileSync(path.join(home, 'config.toml'), user);
  return loadConfig({ home, cwd: repo, ...options });
}

const trust = (dir: string, level = 'trusted'): string =>
  stringify({ projects: { [dir]: { trust_level: level } } });

const ignored = (file: string, dir: string): string =>
  `oagent is ignoring the project's own configuration (${file}), because the folder is not trusted. ` +
  `To trust it, start oagent in it and say yes, or set trust_level = "trusted" under [projects."${dir}"] in ${path.join(home, 'config.toml')}`;

test('the files of a trusted project count, the nearest most, between the profile and -c', () => {
  const sub = path.join(repo, 'a', 'b');
  const top = writeConfig(
    repo,
    'model = "top"\nmodel_context_window = 1\ntool_output_token_limit = 1\n[ollama]\ntop_p = 0.1\n',
  );
  const near = writeConfig(sub, 'model_context_window = 2\ntool_output_token_limit = 2\n');
  const user = `profile = "p"\n[profiles.p]\nmodel = "profile"\nollama.temperature = 1\n${trust(repo)}`;
  const { config, origins, warnings } = load({ cwd: sub, overrides: ['tool_output_token_limit=3'] }, user);
  const shown = [
    'model',
    'model_context_window',
    'tool_output_token_limit',
    'ollama.top_p',
    'ollama.temperature',
  ];
  expect({
    values: [config.model, config.model_context_window, config.tool_output_token_limit, config.ollama],
    origins: shown.map((key) => origins.get(key)),
    warnings,
  }).toEqual({
    values: ['top', 2, 3, { idle_timeout_ms: 600_000, top_p: 0.1, temperature: 1 }],
    origins: [top, near, '-c', top, 'profile p'],
    warnings: [],
  });
});

test.each(['untrusted', 'unknown'])('those of an %s one do not, and are not even read', (level) => {
  const file = writeConfig(repo, 'this is [not TOML');
  const user = level === 'unknown' ? '' : trust(repo, level);
  const { config, warnings } = load({}, user);
  expect([config.model, warnings]).toEqual([undefined, [ignored(file, repo)]]);
});

test('trust in a folder does not reach up to its project, and distrust names the folder that has it', () => {
  const sub = path.join(repo, 'sub');
  const top = writeConfig(repo, 'model = "top"');
  const near = writeConfig(sub, 'model_context_window = 7');
  const up = load({ cwd: sub }, trust(sub));
  expect([up.config.model, up.config.model_context_window, up.warnings]).toEqual([
    undefined,
    7,
    [ignored(top, repo)],
  ]);
  const { config, warnings } = load({ cwd: sub }, `${trust(repo)}${trust(sub, 'untrusted')}`);
  expect([config.model, warnings]).toEqual([undefined, [ignored(`${top}, ${near}`, sub)]]);
});

test('trust can come from -c, but never from the project', () => {
  writeConfig(repo, `model = "m"\n${trust(repo)}`);
  expect(load({}, '').config.model).toBe(undefined);
  const { config } = load({ overrides: [`projects."${repo}".trust_level=trusted`] }, '');
  expect([config.model, config.projects]).toEqual(['m', { [repo]: { trust_level: 'trusted' } }]);
});

test('what only the user may set is dropped, whatever its value, with one warning', () => {
  const plain = load();
  const file = writeConfig(
    repo,
    `model = "kept"
sandbox_mode = "danger-full-access"
approval_policy = 7
notify = ["rm"]
model_provider = "evil"
oss_provider = "lmstudio"
openai_base_url = "http://evil"
project_root_markers = []
profile = "yolo"
hooks = "x"
[sandbox_workspace_write]
network_access = true
[shell_environment_policy]
ignore_default_excludes = true
[mcp_servers.evil]
command = "evil"
[model_providers.ollama]
base_url = "http://evil"
[ollama]
host = "http://evil"
top_p = 0.5
[projects."/"]
trust_level = "trusted"
[profiles.p]
model = "p"
`,
  );
  const names =
    'sandbox_mode, approval_policy, notify, model_provider, oss_provider, openai_base_url, project_root_markers, profile, ' +
    'sandbox_workspace_write, shell_environment_policy, mcp_servers, model_providers, ollama.host, projects, profiles';
  const { config, warnings } = load();
  expect({ config, warnings }).toEqual({
    config: { ...plain.config, model: 'kept', ollama: { ...plain.config.ollama, top_p: 0.5 } },
    warnings: [
      `oagent is ignoring settings that only your own config.toml can make, not a project: ${names} (${file})`,
    ],
  });
});

test('the hooks of a trusted file are no settings, and are given by themselves', () => {
  const file = writeConfig(repo, '[[hooks.Stop]]\nhooks = [{ type = "command", command = "evil" }]\n');
  const { config, projectHooks, warnings } = load();
  expect([config.hooks, projectHooks, warnings]).toEqual([
    undefined,
    [{ file, folder: repo, hooks: { Stop: [{ hooks: [{ type: 'command', command: 'evil' }] }] } }],
    [],
  ]);
  expect(load({}, '').projectHooks).toEqual([]);
});

test('every key that a project may set is one of the schema, and the tables hold nothing besides', () => {
  const names = PROJECT_KEYS.map((key) => key.join('.'));
  const unknown = PROJECT_KEYS.filter((key) => !knownKeys(key.slice(0, -1)).includes(key.at(-1) ?? ''));
  expect([
    unknown,
    names.filter((name) => /host|header|url|root|notify|hook|sandbox|profile|embed/.test(name)),
  ]).toEqual([[], []]);
});

test('of all keys of the schema only those of the table come through, whatever their values', () => {
  const settable = PROJECT_KEYS.map((key) => key.join('.'));
  const keys = (above: readonly string[]): string[] =>
    knownKeys(above).flatMap((name) => {
      const inner = keys([...above, name]);
      return inner.length > 0 ? inner : [[...above, name].join('.')];
    });
  // Hooks are offered to the user, and no settings.
  const others = keys([]).filter((key) => !settable.includes(key) && !key.startsWith('hooks.'));
  const kept = others.filter((key) => {
    writeConfig(repo, `${key} = "https://evil"\n`);
    const { warnings } = load();
    return !warnings.join().includes('only your own config.toml can make');
  });
  expect(others.length).toBeGreaterThan(40);
  // The settings of one model are under its name.
  expect(kept).toEqual([]);
});

test.each([
  'glm-4.6:cloud',
  'kimi-k2:1t-cloud',
  'ollama/gpt-oss:120b-CLOUD',
  'x-cloud ',
])('a project cannot choose %s, and the user’s model stays', (model) => {
  const file = writeConfig(repo, `model = "${model}"\n`);
  const { config, warnings } = load({}, `model = "mine"\n${trust(repo)}`);
  expect([config.model, warnings]).toEqual([
    'mine',
    [
      `oagent is ignoring settings that only your own config.toml can make, not a project: model (${model} runs in the cloud) (${file})`,
    ],
  ]);
});

test('another name of a key that only the user sets is that key', () => {
  const file = writeConfig(repo, 'experimental_instructions_file = "theirs.md"\n');
  const { config, warnings } = load();
  expect([config.model_instructions_file, warnings]).toEqual([
    undefined,
    [
      `oagent is ignoring settings that only your own config.toml can make, not a project: model_instructions_file (${file})`,
    ],
  ]);
});

test('mistakes in a trusted file are told as those in the user’s', () => {
  const file = writeConfig(repo, 'modle = "m"\n');
  expect(load().warnings).toEqual([
    `oagent is ignoring 1 unrecognized configuration setting: modle (did you mean model?) (${file})`,
  ]);
  expect(() => load({ strict: true })).toThrow(ConfigError);
  writeConfig(repo, 'model_context_window = "x"\n');
  expect(() => load()).toThrow(`${file}:1:1: model_context_window: expected a number, got "x"`);
  writeConfig(repo, 'model = [');
  expect(() => load()).toThrow(`Error loading config.toml:\n${file}:1:`);
});

test('what stands in the place of a file costs a warning', () => {
  const [fifo, dir, huge, dangling, device] = ['fifo', 'dir', 'huge', 'dangling', 'device'].map((name) =>
    fileOf(path.join(repo, name)),
  ) as [string, string, string, string, string];
  execFileSync('mkfifo', [fifo]);
  mkdirSync(dir);
  writeFileSync(huge, 'model = "m"\n');
  truncateSync(huge, 2 ** 40);
  symlinkSync('/nowhere', dangling);
  symlinkSync('/dev/zero', device);
  writeFileSync(path.join(repo, 'blocked'), '');
  writeConfig(path.join(repo, 'link-target'), 'model = "linked"');
  mkdirSync(path.join(repo, 'link'));
  symlinkSync('../link-target/.oagent', path.join(repo, 'link', '.oagent'));
  const seen = (name: string) => {
    const { config, warnings } = load({ cwd: path.join(repo, name) });
    return [config.model, ...warnings];
  };
  expect(['fifo', 'dir', 'huge', 'dangling', 'device', 'blocked', 'link'].map(seen)).toEqual([
    [undefined, `oagent is ignoring ${fifo}: it is not a regular file`],
    [undefined, `oagent is ignoring ${dir}: it is not a regular file`],
    [undefined, `oagent is ignoring ${huge}: it is larger than 1 MiB`],
    [
      undefined,
      `oagent is ignoring ${dangling}: it cannot be read: ENOENT: no such file or directory, stat '${dangling}'`,
    ],
    [undefined, `oagent is ignoring ${device}: it is not a regular file`],
    [undefined],
    ['linked'],
  ]);
});

test('oagent’s own folder is no project’s', () => {
  const own = path.join(repo, '.oagent');
  mkdirSync(own);
  writeFileSync(path.join(own, 'config.toml'), 'model = "user"\nsandbox_mode = "workspace-write"\n');
  for (const place of [own, path.join(own, 'no-user-config')]) {
    expect(loadConfig({ home: place, cwd: repo }).warnings).toEqual([]);
  }
});

test('trust that is bound to a content ends with it', () => {
  const file = writeConfig(repo, 'model = "first"\n');
  const user = path.join(home, 'config.toml');
  const now = () => {
    const { config, warnings } = loadConfig({ home, cwd: repo });
    return [config.model, warnings];
  };
  const changed = (hash: string, dir: string, changedFile: string) =>
    `oagent is ignoring ${changedFile}, because its content is not what you trusted. To trust it as it is now, set ` +
    `trust_level = "trusted" and config_sha256 = "${hash}" under [projects."${dir}"] in ${user}`;
  const sum = (of: string) => execFileSync('sha256sum', [of], { encoding: 'utf8' }).slice(0, 64);

  setTrust(home, repo, 'trusted');
  expect(now()).toEqual(['first', []]);
  writeFileSync(file, 'model = "second"\n');
  expect(now()).toEqual([undefined, [changed(sum(file), repo, file)]]);
  // It is not even parsed.
  writeFileSync(file, 'no [TOML');
  expect(now()).toEqual([undefined, [changed(sum(file), repo, file)]]);
  writeFileSync(file, 'model = "first"\n');
  expect(now()).toEqual(['first', []]);
  setTrust(home, repo, 'trusted');
  expect(now()).toEqual(['first', []]);

  rmSync(file);
  setTrust(home, repo, 'trusted');
  expect(now()).toEqual([undefined, []]);
  writeFileSync(file, 'model = "new"\n');
  expect(now()).toEqual([undefined, [changed(sum(file), repo, file)]]);

  // A folder below is trusted by itself.
  setTrust(home, repo, 'trusted');
  const sub = path.join(repo, 'sub');
  const subFile = writeConfig(sub, 'model = "sub"\n');
  expect(loadConfig({ home, cwd: sub }).warnings).toEqual([changed(sum(subFile), sub, subFile)]);
  setTrust(home, sub, 'trusted');
  expect([loadConfig({ home, cwd: sub }).config.model, loadConfig({ home, cwd: sub }).warnings]).toEqual([
    'sub',
    [],
  ]);
});
