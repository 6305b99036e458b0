/**
 * Keys of Codex that have no meaning here, so that a file copied from there loads without a warning. Never list a key
 * whose loss the user must know about: one that restricts commands, hides secrets from them, or instructs the model has
 * to be reported as ignored.
 */

const NAMES: ReadonlySet<string> = new Set([
  'agents',
  'analytics',
  'background_terminal_max_timeout',
  'chatgpt_base_url',
  'check_for_update_on_startup',
  'cli_auth_credentials_store',
  'commit_attribution',
  'disable_paste_burst',
  'disable_response_storage',
  'features',
  'file_opener',
  'forced_chatgpt_workspace_id',
  'forced_login_method',
  'ghost_snapshot',
  'hide_agent_reasoning',
  'include_apps_instructions',
  'log_dir',
  'memories',
  'model_catalog_json',
  'model_reasoning_summary',
  'model_supports_reasoning_summaries',
  'model_verbosity',
  'notice',
  'otel',
  'personality',
  'plan_mode_reasoning_effort',
  'preferred_auth_method',
  'review_model',
  'show_raw_agent_reasoning',
  'skills',
  'sqlite_home',
  'suppress_unstable_features_warning',
  'tools',
  'tui',
  'web_search',
  'model_providers.*.env_key_instructions',
  'model_providers.*.request_max_retries',
  'model_providers.*.requires_openai_auth',
  'model_providers.*.stream_max_retries',
  'model_providers.*.supports_websockets',
  'model_providers.*.websocket_connect_timeout_ms',
]);

/** True if this key, at the top or in a profile, is accepted but not used. A listed table covers everything in it. */
export function isUnusedKey(path: readonly PropertyKey[]): boolean {
  const own = path[0] === 'profiles' ? path.slice(2) : path;
  const [first, , ...rest] = own.map(String);
  if (first === undefined) return false;
  return NAMES.has(first) || (own.length > 2 && NAMES.has([first, '*', ...rest].join('.')));
}
