import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLayer } from '../../src/config/check.ts';
import { codexKeys } from '../../src/config/codex-keys.ts';
import { setAt, type Table } from '../../src/config/table.ts';

/** The keys that Codex reads, by what a file that sets one of them gets here; `*` stands for any name. */
const TAKEN = `approval_policy approvals_reviewer background_terminal_max_timeout compact_prompt developer_instructions
experimental_compact_prompt_file experimental_use_unified_exec_tool features.unified_exec hide_agent_reasoning
history.max_bytes history.persistence include_environment_context features.memories features.memory_tool
memories.generate_memories memories.max_rollout_age_days memories.min_rollout_idle_hours memories.use_memories
memories.extract_model memories.consolidation_model model model_auto_compact_token_limit
model_context_window model_instructions_file model_provider model_providers.*.base_url model_providers.*.env_http_headers
model_providers.*.env_key model_providers.*.http_headers model_providers.*.name model_providers.*.stream_idle_timeout_ms
model_providers.*.wire_api model_reasoning_effort notify openai_base_url oss_provider profile
project_doc_fallback_filenames project_doc_max_bytes project_root_markers projects.*.trust_level sandbox_mode
sandbox_workspace_write.exclude_slash_tmp sandbox_workspace_write.exclude_tmpdir_env_var
sandbox_workspace_write.network_access sandbox_workspace_write.writable_roots shell_environment_policy.exclude
shell_environment_policy.ignore_default_excludes shell_environment_policy.include_only shell_environment_policy.inherit
shell_environment_policy.set show_raw_agent_reasoning tool_output_token_limit tui.notification_condition
tui.notification_method tui.notifications hooks.Stop mcp_servers.docs.command model_providers.*.query_params.version
model_providers.*.request_max_retries`;

const NAMED = `hooks.PermissionRequest hooks.SubagentStop hooks.SessionEnd hooks.state agents.reviewer.config_file agents.reviewer.description allow_login_shell apps.docs.enabled
commit_attribution default_permissions features.apps features.browser_use features.codex_hooks features.collab
features.goals features.guardian_approval features.hooks features.image_generation features.js_repl
features.multi_agent features.multi_agent_v2 features.network_proxy features.plugins features.request_permissions
features.shell_snapshot features.undo features.web_search features.web_search_cached features.web_search_request
file_opener instructions log_dir mcp_servers.docs.supports_parallel_tool_calls mcp_servers.docs.startup_timeout_ms
mcp_servers.docs.default_tools_approval_mode mcp_servers.docs.environment_id memories.dedicated_tools
model_auto_compact_token_limit_scope model_providers.*.auth.command model_providers.*.experimental_bearer_token
model_providers.*.requires_openai_auth model_providers.*.stream_max_retries otel.exporter otel.trace_exporter permissions.work.network plugins.p.enabled
review_model shell_environment_policy.experimental_use_profile skills.config tools.update_plan tools.view_image
tools.web_search tui.alternate_screen tui.animations tui.keymap.global.submit tui.raw_output_mode tui.status_line
tui.terminal_title tui.theme web_search include_permissions_instructions personality`;

const SILENT = `agents.interrupt_message agents.job_max_runtime_seconds agents.max_depth agents.max_threads analytics.enabled
audio.microphone auto_review.policy chatgpt_base_url check_for_update_on_startup cli_auth_credentials_store
debug.config_lockfile desktop.any disable_paste_burst experimental_thread_store.type features.apply_patch_freeform
features.code_mode features.fast_mode features.personality features.responses_websockets features.search_tool
features.sqlite features.steer features.tool_search features.use_legacy_landlock feedback.enabled
forced_chatgpt_workspace_id forced_login_method ghost_snapshot.disable_warnings include_apps_instructions
include_collaboration_mode_instructions marketplaces.m.source mcp_oauth_callback_port
mcp_oauth_callback_url mcp_oauth_credentials_store memories.disable_on_external_context memories.dual_write memories.max_raw_memories_for_consolidation
memories.max_rollouts_per_startup memories.max_unused_days model_catalog_json
model_providers.*.env_key_instructions model_providers.*.supports_websockets
model_providers.*.websocket_connect_timeout_ms model_reasoning_summary model_supports_reasoning_summaries model_verbosity
notice.hide_full_access_warning otel.environment otel.log_user_prompt plan_mode_reasoning_effort
realtime.version service_tier skills.bundled.enabled skills.include_instructions sqlite_home
suppress_unstable_features_warning tool_suggest.discoverables tui.pet tui.session_picker_view tui.show_tooltips
tui.status_line_use_colors windows.sandbox`;

/** A value that no key allows in silence. */
const SET = 'set';

/** What a file with this key gets: `taken` also if only the value is wrong. */
function fateOf(key: string): string {
  const values: Table = {};
  setAt(values, key.replace('*', 'box').split('.'), SET);
  const { problems, unknown, unused } = checkLayer(values);
  if (unknown.length > 0) return 'unknown';
  if (unused.length > 0) return 'named';
  return problems.length > 0 || Object.keys(values).length > 0 ? 'taken' : 'silent';
}

test.each([
  ['taken', TAKEN],
  ['named', NAMED],
  ['silent', SILENT],
])('keys of Codex that are %s', (fate, keys) => {
  const names = keys.split(/\s+/);
  const found = names.map((name) => [name, isTableLeft(name) ? 'silent' : fateOf(name)]);
  expect(found).toEqual(names.map((name) => [name, fate]));
});

/** Of a table that the schema has, the table stays although its key has gone. */
function isTableLeft(name: string): boolean {
  const [table = ''] = name.split('.');
  const values: Table = {};
  setAt(values, name.replace('*', 'box').split('.'), SET);
  const { problems, unknown, unused } = checkLayer(values);
  const left = JSON.stringify(values[table]);
  return problems.length + unknown.length + unused.length === 0 && (left === '{}' || left === '{"box":{}}');
}

describe('what is said', () => {
  test.each([
    ['web_search', 'disabled'],
    ['features', { web_search: false, multi_agent_v2: { enabled: false } }],
    ['tui', { alternate_screen: 'never', animations: true }],
    ['allow_login_shell', false],
    ['commit_attribution', ''],
  ])('nothing of %s with the value that oagent has anyway', (key, value) => {
    expect(codexKeys([key], value)).toEqual([]);
  });

  test('of a table, the keys in it that count, and those that Codex does not have either', () => {
    const features = { web_search: true, steer: true, nonsense: true, js_repl: false };
    expect(codexKeys(['profiles', 'p', 'features'], features)).toEqual([
      { path: ['profiles', 'p', 'features', 'web_search'], advice: 'there is no web search' },
      { path: ['profiles', 'p', 'features', 'nonsense'], advice: undefined },
    ]);
  });
});

describe('memories of Codex', () => {
  const read = (memories: Table): [Table, string[]] => {
    const values: Table = { memories: { ...memories } };
    const { unused } = checkLayer(values);
    return [values.memories as Table, unused.map(({ path }) => path.join('.'))];
  };

  test('one model makes them: the first that Ollama can have', () => {
    expect([
      read({ extract_model: 'qwen3:4b', consolidation_model: 'qwen3:4b' }),
      read({ extract_model: 'qwen3:4b', consolidation_model: 'qwen3:8b' }),
      read({ extract_model: 'gpt-5.4-mini', consolidation_model: 'gpt-oss:20b' }),
      read({ model: 'own', extract_model: 'qwen3:4b' }),
    ]).toEqual([
      [{ model: 'qwen3:4b' }, []],
      [{ model: 'qwen3:4b' }, ['memories.consolidation_model']],
      [{ model: 'gpt-oss:20b' }, ['memories.extract_model']],
      [{ model: 'own' }, ['memories.extract_model']],
    ]);
  });

  test('switches have our names, and numbers our limits', () => {
    expect([
      read({
        use_memories: false,
        generate_memories: false,
        max_rollout_age_days: 90,
        min_rollout_idle_hours: 1,
      }),
      read({ use: true, use_memories: false, max_rollout_age_days: 365, min_rollout_idle_hours: 0 }),
    ]).toEqual([
      [{ max_rollout_age_days: 90, min_rollout_idle_hours: 1, use: false, generate: false }, []],
      [
        { use: true, max_rollout_age_days: 90, min_rollout_idle_hours: 1 },
        ['memories.min_rollout_idle_hours', 'memories.max_rollout_age_days'],
      ],
    ]);
  });

  test('a key that neither has is still unknown', () => {
    expect(checkLayer({ memories: { idle_minute: 5 } }).unknown).toHaveLength(1);
  });
});

test('any table is answered, with paths that begin with the key', () => {
  const name = fc.oneof(
    fc.constantFrom('features', 'tui', 'apps', 'profiles', 'otel', '__proto__'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 3 }), fc.object({ withNullPrototype: true }), (path, value) => {
      for (const key of codexKeys(path, value)) expect(key.path.slice(0, path.length)).toEqual(path);
    }),
  );
});
