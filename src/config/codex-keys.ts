/**
 * The keys of Codex that oagent does not use, so that a file copied from there loads, and the user learns what is lost.
 *
 * Invariants: a key is without advice only if nothing is lost with it; one that restricts commands, hides something from
 * them, or instructs the model always has some. The table is text until the first key is looked up.
 */
import { isTable } from './table.ts';

/**
 * Keys by what to say of them; `''`: nothing is lost. `*` is any name, `key=a|b` is also silent with one of these values,
 * and a key covers what is in it.
 */
const TABLE: readonly (readonly [advice: string, keys: string])[] = [
  [
    '',
    `agents.interrupt_message agents.job_max_runtime_seconds agents.max_depth agents.max_threads analytics apps_mcp_product_sku
    audio auto_review chatgpt_base_url check_for_update_on_startup cli_auth_credentials_store debug desktop disable_paste_burst
    disable_response_storage experimental_realtime_start_instructions experimental_realtime_ws_backend_prompt
    experimental_realtime_ws_base_url experimental_realtime_ws_model experimental_realtime_ws_startup_context
    experimental_thread_config_endpoint experimental_thread_store feedback forced_chatgpt_workspace_id forced_login_method
    ghost_snapshot include_apps_instructions include_collaboration_mode_instructions
    marketplaces mcp_oauth_callback_port mcp_oauth_callback_url mcp_oauth_credentials_store memories.disable_on_external_context
    memories.dual_write memories.max_raw_memories_for_consolidation memories.max_rollouts_per_startup memories.max_unused_days
    model_catalog_json
    model_reasoning_summary model_supports_reasoning_summaries model_verbosity notice otel.*
    plan_mode_reasoning_effort preferred_auth_method realtime service_tier skills.bundled skills.include_instructions
    sqlite_home suppress_unstable_features_warning tool_suggest windows
    model_providers.*.env_key_instructions model_providers.*.supports_websockets
    model_providers.*.websocket_connect_timeout_ms
    tui.model_availability_nux tui.pet tui.pet_anchor tui.session_picker_view tui.show_mcp_startup_status tui.show_tooltips
    tui.status_line_use_colors tui.terminal_resize_reflow_max_rows
    features.apply_patch_freeform features.apply_patch_streaming_events features.auth_elicitation features.chronicle
    features.code_mode features.code_mode_only features.codex_git_commit features.collaboration_modes
    features.default_mode_request_user_input features.elevated_windows_sandbox features.enable_experimental_windows_sandbox
    features.enable_request_compression features.experimental_windows_sandbox features.external_migration
    features.fast_mode features.image_detail_original features.in_app_browser features.js_repl_tools_only
    features.local_thread_store_compression features.mentions_v2 features.non_prefixed_mcp_tool_names
    features.personality features.plugin_sharing features.remote_compaction_v2 features.remote_control
    features.remote_models features.responses_websocket_response_processed features.responses_websockets
    features.responses_websockets_v2 features.runtime_metrics features.search_tool features.shell_zsh_fork
    features.skill_env_var_dependency_prompt features.skill_mcp_dependency_install features.sqlite features.steer
    features.telepathy features.terminal_resize_reflow features.tool_call_mcp_elicitation features.tool_search
    features.tool_search_always_defer_mcp_tools features.tool_suggest features.tui_app_server
    features.unavailable_dummy_tools features.unbounded_connection_retries features.unified_exec_tty
    features.unified_exec_zsh_fork features.use_legacy_landlock features.use_linux_sandbox_bwrap
    features.workspace_dependencies features.workspace_owner_usage_nudge features.worktrees`,
  ],
  [
    'there is no web search',
    `web_search=disabled tools.web_search=false features.web_search=false features.web_search_cached=false
    features.web_search_request=false features.standalone_web_search=false`,
  ],
  ['calls of MCP servers run one after the other', 'mcp_servers.*.supports_parallel_tool_calls=false'],
  ['set tools.NAME.approval_mode', 'mcp_servers.*.default_tools_approval_mode=auto|prompt'],
  ['set startup_timeout_sec', 'mcp_servers.*.startup_timeout_ms'],
  ['servers run here', 'mcp_servers.*.environment_id mcp_servers.*.experimental_environment'],
  ['what a server shows besides text and images is left out', 'features.enable_mcp_apps=false'],
  [
    'there are no plugins and apps',
    `plugins apps features.apps=false features.apps_mcp_path_override=false features.connectors=false
    features.plugin_hooks=false features.plugins=false features.remote_plugin=false`,
  ],
  [
    'hooks run at SessionStart, UserPromptSubmit, PreToolUse, PostToolUse, PreCompact, Stop and Notification',
    `hooks.PermissionRequest hooks.PostCompact hooks.SubagentStart hooks.SubagentStop hooks.Interrupt
    hooks.SessionEnd hooks.preModelRequest hooks.postModelRequest`,
  ],
  ['allow the hooks of a project with `oagent hooks trust`', 'hooks.state'],
  ['what hooks say is cut to a share of the window', 'hooks.*.*.hooks.*.additionalContextLimit'],
  ['hooks run if there are any', 'features.codex_hooks=true features.hooks=true'],
  [
    'all skills that are found are used; `oagent skills list` shows them',
    'skills.config features.skill_search=false',
  ],
  [
    'there is one sub-agent, which has no settings; agents.enabled lets the model use it without being asked to',
    `agents.* features.child_agents_md=false features.collab=false features.enable_fanout=false
    features.multi_agent=false features.multi_agent_v2=false`,
  ],
  ['memories are recalled without a tool of their own', 'memories.dedicated_tools=false'],
  [
    'one model makes all memories; name one of Ollama in memories.model',
    'memories.extract_model memories.consolidation_model',
  ],
  ['counts as 1 or 48, the limits', 'memories.min_rollout_idle_hours'],
  ['counts as 0 or 90, the limits', 'memories.max_rollout_age_days'],
  [
    'there is no such tool',
    `tools.experimental_request_user_input=false tools.view_image=false features.browser_use=false
    features.browser_use_external=false features.computer_use=false features.goals=false
    features.image_generation=false features.imagegenext=false features.js_repl=false
    features.prevent_idle_sleep=false features.realtime_conversation=false features.undo=false`,
  ],
  ['the model always has this tool', 'tools.update_plan=true features.shell_tool=true'],
  [
    'set sandbox_mode and sandbox_workspace_write',
    `permissions default_permissions features.network_proxy=false features.exec_permission_approvals=false
    features.request_permissions=false features.request_permissions_tool=false`,
  ],
  ['you are the one who is asked', 'features.guardian_approval=false features.request_rule=false'],
  ['counts as "model", which can object but allows nothing', 'approvals_reviewer'],
  ['counts as "on-request" if sandbox_approval is true, otherwise as "never"', 'approval_policy.granular'],
  [
    'commands get no login shell; set PATH in shell_environment_policy.set',
    `allow_login_shell=false shell_environment_policy.experimental_use_profile=false features.shell_snapshot=false`,
  ],
  ['use developer_instructions', 'instructions personality=none'],
  ['the model is always told what it may touch', 'include_permissions_instructions=true'],
  ['put the line into AGENTS.md', 'commit_attribution='],
  ['all of the prompt counts', 'model_auto_compact_token_limit_scope=total'],
  ['/review uses the model of the session', 'review_model'],
  ['file names are not links', 'file_opener=none'],
  ['OAGENT_TRACE names a file for a log', 'log_dir'],
  [
    'nothing is exported; OAGENT_TRACE names a file for a log',
    'otel.exporter=none otel.metrics_exporter=none|statsig otel.trace_exporter=none',
  ],
  [
    'a request is tried 3 times; ollama.reconnect_ms is how long a server that is away is waited for',
    'model_providers.*.stream_max_retries',
  ],
  [
    'use env_key or http_headers',
    `model_providers.*.auth model_providers.*.aws model_providers.*.experimental_bearer_token
    model_providers.*.requires_openai_auth=false`,
  ],
  ['the themes are auto, color and plain', 'tui.theme'],
  [
    'the view is fixed',
    `tui.alternate_screen=auto|never tui.animations=true tui.raw_output_mode=false tui.status_line
    tui.terminal_title`,
  ],
  ['keys are set by action only, without a table for each place', 'tui.keymap.*'],
];

export interface CodexKey {
  readonly path: readonly PropertyKey[];
  /** What the user should know; undefined: Codex has no such key. */
  readonly advice: string | undefined;
}

interface Row {
  advice?: string;
  silent: readonly string[];
  readonly inside: Map<string, Row>;
}

let rows: Row | undefined;

/** What is lost with a key, at the top or in a profile, that the schema does not have: nothing, or one or more keys. */
export function codexKeys(path: readonly PropertyKey[], value: unknown): CodexKey[] {
  rows ??= readTable();
  const own = path[0] === 'profiles' ? path.slice(2) : path;
  let row: Row | undefined = rows;
  for (const name of own) row = row === undefined ? undefined : inside(row, String(name));
  return lost(row, path, value);
}

function lost(row: Row | undefined, path: readonly PropertyKey[], value: unknown): CodexKey[] {
  if (row?.advice !== undefined) {
    const set = settingOf(value);
    const isSame = typeof set !== 'object' && row.silent.includes(String(set));
    return row.advice === '' || isSame ? [] : [{ path, advice: row.advice }];
  }
  if (row === undefined || !isTable(value)) return [{ path, advice: undefined }];
  return Object.entries(value).flatMap(([name, item]) => lost(inside(row, name), [...path, name], item));
}

/** The value that counts: some switches may also be a table. */
function settingOf(value: unknown): unknown {
  return isTable(value) && Object.hasOwn(value, 'enabled') ? value.enabled : value;
}

function inside(row: Row, name: string): Row | undefined {
  return row.inside.get(name) ?? row.inside.get('*');
}

function readTable(): Row {
  const top: Row = { silent: [], inside: new Map() };
  for (const [advice, keys] of TABLE) {
    for (const key of keys.split(/\s+/)) {
      const [name = '', values] = key.split('=');
      let row = top;
      for (const segment of name.split('.')) {
        const next: Row = row.inside.get(segment) ?? { silent: [], inside: new Map() };
        row.inside.set(segment, next);
        row = next;
      }
      row.advice = advice;
      row.silent = values?.split('|') ?? [];
    }
  }
  return top;
}
