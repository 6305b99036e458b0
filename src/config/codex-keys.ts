/**
 * The keys of Codex's configuration that oagent does not have: where nothing is lost without them, they pass in silence; the
 * others are named in one line. A key that restricts commands, hides secrets, instructs the model, starts something or names a
 * program is never silent. `*` stands for any name; a listed table covers all that is in it, unless that is listed itself.
 */
import { isTable } from './table.ts';

/** Settings of what is absent here, or of what oagent does anyway. */
const NOTHING_LOST: ReadonlySet<string> = new Set([
  'agents.interrupt_message',
  'agents.job_max_runtime_seconds',
  'agents.max_depth',
  'agents.max_threads',
  'analytics',
  'apps',
  'audio',
  'chatgpt_base_url',
  'check_for_update_on_startup',
  'cli_auth_credentials_store',
  'disable_paste_burst',
  'disable_response_storage',
  'experimental_realtime_ws_backend_prompt',
  'experimental_realtime_ws_base_url',
  'experimental_realtime_ws_model',
  'experimental_thread_store',
  'experimental_use_freeform_apply_patch',
  'feedback',
  'file_opener',
  'forced_chatgpt_workspace_id',
  'forced_login_method',
  'ghost_snapshot',
  'include_apps_instructions',
  'include_permissions_instructions',
  'js_repl_node_module_dirs',
  'js_repl_node_path',
  'log_dir',
  'mcp_oauth_callback_port',
  'mcp_oauth_callback_url',
  'mcp_oauth_credentials_store',
  'memories.max_raw_memories_for_global',
  'memories.max_rollout_age_days',
  'memories.max_rollouts_per_startup',
  'memories.max_unused_days',
  'memories.min_rollout_idle_hours',
  'memories.phase_1_model',
  'memories.phase_2_model',
  'memories.extract_model',
  'memories.consolidation_model',
  'model_reasoning_summary',
  'model_supports_reasoning_summaries',
  'notice',
  'plan_mode_reasoning_effort',
  'preferred_auth_method',
  'realtime',
  'service_tier',
  'show_raw_agent_reasoning',
  'skills.bundled',
  'skills.include_instructions',
  'suppress_unstable_features_warning',
  'tools.experimental_request_user_input',
  'tools.update_plan',
  'tool_suggest',
  'tui.alternate_screen',
  'tui.model_availability_nux',
  'tui.raw_output_mode',
  'tui.session_picker_view',
  'tui.show_tooltips',
  'tui.terminal_resize_reflow_max_rows',
  'web_search_request',
  'windows',
  'windows_wsl_setup_acknowledged',
  'zsh_path',
  'model_providers.*.env_key_instructions',
  'model_providers.*.requires_openai_auth',
  'model_providers.*.supports_websockets',
  'model_providers.*.websocket_connect_timeout_ms',
  'features.apply_patch_freeform',
  'features.apply_patch_streaming_events',
  'features.code_mode',
  'features.enable_request_compression',
  'features.exec_permission_approvals',
  'features.fast_mode',
  'features.general_analytics',
  'features.personality',
  'features.remote_models',
  'features.request_permissions_tool',
  'features.responses_websockets',
  'features.responses_websockets_v2',
  'features.runtime_metrics',
  'features.shell_snapshot',
  'features.shell_tool',
  'features.skip_approval_persist',
  'features.sqlite',
  'features.steer',
  'features.tool_search',
  'features.tool_suggest',
  'features.tui2',
  'features.unbounded_connection_retries',
  'features.unified_exec_tty',
  'features.use_linux_sandbox_bwrap',
  'features.view_image',
  'features.view_image_tool',
]);

interface Named {
  readonly why: string;
  /** With these values nothing is lost. */
  readonly harmless?: readonly unknown[];
}

const NO_MEMORIES: Named = { why: 'there are no memories', harmless: [false] };
const NO_SEARCH: Named = { why: 'there is no web search', harmless: [false, 'disabled'] };
const RETRIES: Named = { why: 'see ollama.reconnect_ms' };

const NAMED: { readonly [key: string]: Named } = {
  agents: { why: 'a session has one agent' },
  allow_login_shell: {
    why: 'commands get the PATH that oagent was started with; shell_environment_policy.set.PATH changes it',
    harmless: [false],
  },
  approvals_reviewer: { why: 'you are asked yourself', harmless: ['user'] },
  commit_attribution: { why: 'say it in AGENTS.md', harmless: ['', false] },
  default_permissions: { why: 'use sandbox_mode and sandbox_workspace_write' },
  features: { why: 'there is no such feature', harmless: [false] },
  'features.*': { why: 'there is no such feature', harmless: [false] },
  hooks: { why: 'there are no hooks; `notify` is run after each turn' },
  include_environment_context: { why: 'the model always learns its folder and sandbox', harmless: [true] },
  instructions: { why: 'use developer_instructions or AGENTS.md' },
  marketplaces: { why: 'there are no plugins' },
  mcp_servers: { why: 'MCP servers are not supported' },
  memories: NO_MEMORIES,
  'memories.*': NO_MEMORIES,
  model_catalog_json: { why: 'what a model can do is asked of the server' },
  model_verbosity: { why: 'say it in developer_instructions', harmless: ['medium'] },
  'model_providers.*.auth': { why: 'use env_key' },
  'model_providers.*.experimental_bearer_token': { why: 'use env_key, or an Authorization header' },
  'model_providers.*.request_max_retries': RETRIES,
  'model_providers.*.stream_max_retries': RETRIES,
  otel: { why: 'nothing is exported' },
  permissions: { why: 'use sandbox_mode and sandbox_workspace_write' },
  personality: { why: 'say it in developer_instructions', harmless: ['none'] },
  plugins: { why: 'there are no plugins' },
  review_model: { why: '/review uses the model of the session' },
  'shell_environment_policy.experimental_use_profile': { why: 'no profile is read', harmless: [false] },
  skills: { why: 'there are no skills' },
  'skills.config': { why: 'there are no skills' },
  sqlite_home: { why: 'OAGENT_HOME moves all files' },
  'tools.view_image': { why: 'images are given with -i', harmless: [false] },
  'tools.web_search': NO_SEARCH,
  'tui.animations': { why: 'start with --screen-reader for a still picture', harmless: [true] },
  'tui.keymap': { why: 'keys are fixed' },
  'tui.status_line': { why: 'the footer is fixed' },
  'tui.status_line_use_colors': { why: 'the footer is fixed' },
  'tui.terminal_title': { why: 'the title is fixed' },
  'tui.vim_mode_default': { why: 'there is no vim mode', harmless: [false] },
  web_search: NO_SEARCH,
};

/** An ignored key. `why`: what to say about it; absent: Codex has no such key either. */
export interface IgnoredKey {
  readonly path: readonly PropertyKey[];
  readonly why?: string | undefined;
}

/** The tables that listed keys are in. */
const TABLES: ReadonlySet<string> = new Set(
  [...NOTHING_LOST, ...Object.keys(NAMED)].flatMap((key) => {
    const parts = key.split('.');
    return parts.slice(1).map((_, count) => parts.slice(0, count + 1).join('.'));
  }),
);

/** What has to be said about a key that the schema does not have, at the top or in a profile: nothing, if nothing is lost. */
export function ignoredKeys(path: readonly PropertyKey[], value: unknown): readonly IgnoredKey[] {
  return judged(path, value) ?? [{ path }];
}

function judged(path: readonly PropertyKey[], value: unknown): readonly IgnoredKey[] | undefined {
  const own = (path[0] === 'profiles' ? path.slice(2) : path).map(String);
  const names = [own.join('.'), [own[0], '*', ...own.slice(2)].join('.')];
  if (names.some((name) => NOTHING_LOST.has(name))) return [];
  const named = names.map((name) => (Object.hasOwn(NAMED, name) ? NAMED[name] : undefined)).find(Boolean);
  if (isTable(value) && names.some((name) => TABLES.has(name))) {
    return Object.entries(value).flatMap(([key, inner]) => {
      const place = [...path, key];
      return judged(place, inner) ?? [{ path: place, why: named?.why }];
    });
  }
  if (named === undefined) return undefined;
  return named.harmless?.includes(value) ? [] : [{ path, why: named.why }];
}
