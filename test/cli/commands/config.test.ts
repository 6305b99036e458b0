import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configSchema, configShow } from '../../../src/cli/commands/config.ts';
import { loadConfig } from '../../../src/config/load.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'oagent-config-show-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const load = (text: string) => {
  writeFileSync(path.join(home, 'config.toml'), text);
  return loadConfig({ home, cwd: '/work', overrides: ['ollama.keep_alive=60'] });
};

test('config show prints each value and its origin, grouped and aligned', () => {
  const loaded = load(`model = "qwen3:8b"
profile = "p"
[profiles.p]
sandbox_workspace_write.network_access = true
[models."qwen3:8b"]
profile = "led"
[projects."/a.b"]
trust_level = "trusted"
`);
  const file = path.join(home, 'config.toml');
  expect(configShow(loaded, { json: false })).toBe(`# ${file}

profile                        = "p"           # ${file}
model                          = "qwen3:8b"    # ${file}
model_provider                 = "ollama"      # default
approval_policy                = "on-request"  # default
approvals_reviewer             = "user"        # default
project_doc_max_bytes          = 32768         # default
project_doc_fallback_filenames = []            # default
project_root_markers           = [".git"]      # default

[agents]
enabled                        = false         # default

[history]
persistence                    = "save-all"    # default

[index]
enabled                        = true          # default

[mcp]
direct_tokens                  = 800           # default

[memories]
enabled                        = true          # default
use                            = true          # default
generate                       = true          # default
idle_minutes                   = 10            # default
min_rollout_idle_hours         = 12            # default
max_rollout_age_days           = 30            # default
allow_loading                  = false         # default
on_battery                     = false         # default
exec_sessions                  = true          # default

[models."qwen3:8b"]
profile                        = "led"         # ${file}

[ollama]
keep_alive                     = 60            # -c
idle_timeout_ms                = 600000        # default

[projects."/a.b"]
trust_level                    = "trusted"     # ${file}

[sandbox_workspace_write]
writable_roots                 = []            # default
network_access                 = true          # profile p
exclude_tmpdir_env_var         = false         # default
exclude_slash_tmp              = false         # default

[shell_environment_policy]
inherit                        = "all"         # default
ignore_default_excludes        = false         # default
exclude                        = []            # default
include_only                   = []            # default

[skills]
enabled                        = true          # default

[tools]
unified_exec                   = true          # default
`);
});

test('config show --json is the same as one object', () => {
  const shown = JSON.parse(configShow(load('model = "m"'), { json: true }));
  expect(shown.path).toBe(path.join(home, 'config.toml'));
  expect([shown.values.model, shown.values['ollama.keep_alive'], shown.values.approval_policy]).toEqual([
    { value: 'm', origin: shown.path },
    { value: 60, origin: '-c' },
    { value: 'on-request', origin: 'default' },
  ]);
  expect(Object.keys(shown.values).length).toBe(32);
});

test('neither form shows a secret or lets a value steer the terminal', () => {
  const loaded = load(`model = "\\u001b[2J\\u009b"
openai_base_url = "user:s3cret-a@host:1/v1?key=s3cret-b"
ollama.host = "http://user:s3cret-c@host:1"
[model_providers.box]
base_url = "http://box:1/a@b"
http_headers = { Authorization = "Bearer s3cret-d" }
env_http_headers = { X-Key = "BOX_KEY" }
[shell_environment_policy.set]
DEPLOY = "s3cret-f"
`);
  const text = configShow(loaded, { json: false });
  const json = configShow(loaded, { json: true });
  expect(`${text}${json}`).not.toMatch(/s3cret|[\u0000-\u0009\u000b-\u001f]/);
  expect(text).not.toMatch(/\u009b/);
  const { values } = JSON.parse(json);
  expect([
    values.openai_base_url.value,
    values['ollama.host'].value,
    values['model_providers.box.base_url'].value,
    values['model_providers.box.http_headers.Authorization'].value,
    values['model_providers.box.env_http_headers.X-Key'].value,
  ]).toEqual([
    '********@host:1/v1?********',
    'http://********@host:1',
    'http://box:1/a@b',
    '********',
    'BOX_KEY',
  ]);
});

test('config schema is a JSON schema in which every key is described', () => {
  const schema = JSON.parse(configSchema());
  expect(schema.properties.approval_policy).toEqual({
    description: 'When the user is asked.',
    default: 'on-request',
    type: 'string',
    enum: ['untrusted', 'on-failure', 'on-request', 'never'],
  });
  const undescribed: string[] = [];
  const visit = (node: { properties?: object; additionalProperties?: unknown }, at: string): void => {
    for (const [key, value] of Object.entries(node.properties ?? {})) {
      if (!value.description) undescribed.push(`${at}${key}`);
      visit(value, `${at}${key}.`);
    }
    if (typeof node.additionalProperties === 'object' && node.additionalProperties !== null) {
      visit(node.additionalProperties, `${at}*.`);
    }
  };
  visit(schema, '');
  expect(undescribed).toEqual([]);
  expect(schema.required).toBe(undefined);
});
