/**
 * Every key of config.toml: its name, type, default and meaning. Files, `-c`, flags, `config show` and `config schema`
 * all use this schema. To add a key, add one line to `settings` or to its table; a key that holds paths also goes into
 * PATH_KEYS.
 *
 * Invariants: every key is optional on input; no transforms, so a value reads as it was written; objects are strict,
 * because that is how unknown keys are found.
 *
 * `zod/mini`, because the full build costs 35 ms more at every start (bundled, Node 24), as long as all the rest.
 */
import * as z from 'zod/mini';
import { APPROVAL_POLICIES, SANDBOX_MODES } from '../protocol.ts';
import { readChord } from '../text/chord.ts';
import { THEMES } from './adapt-codex.ts';
import { agents, hooks, mcp, mcpServer, skills } from './extension-schema.ts';
import { isKeepAlive } from './keep-alive.ts';
import { key, named, positiveInt, stringTable } from './key.ts';
import { KEY_ACTIONS } from './key-actions.ts';
import { TOOL_SETS } from './tool-sets.ts';

const modelProvider = () =>
  z.strictObject({
    name: key('Name shown to the user.', z.optional(z.string())),
    base_url: key(
      'Address of the server: Ollama, llama.cpp, LM Studio, vLLM or another one with the chat API of OpenAI.',
      z.optional(z.string()),
    ),
    http_headers: key('Headers sent with every request.', z.optional(stringTable())),
    env_http_headers: key(
      'Headers whose values come from the named environment variables.',
      z.optional(stringTable()),
    ),
    env_key: key('Environment variable with a bearer token for the server.', z.optional(z.string())),
    wire_api: key(
      '`chat`: the only API of OpenAI that is spoken; Ollama’s own needs none.',
      z.optional(z.string()),
    ),
    query_params: key('Parameters added to every address.', z.optional(stringTable())),
    request_max_retries: key(
      'How often a request that failed is sent again; default: 2.',
      z.optional(z.int().check(z.nonnegative())),
    ),
    stream_idle_timeout_ms: key(
      'Milliseconds without data after which a stream counts as dead; default: ollama.idle_timeout_ms.',
      z.optional(positiveInt()),
    ),
  });

const sandboxWorkspaceWrite = z.strictObject({
  writable_roots: key(
    'Additional folders that commands may write to.',
    z._default(z.array(z.string()), () => []),
  ),
  network_access: key('Commands may use the network.', z._default(z.boolean(), false)),
  exclude_tmpdir_env_var: key('$TMPDIR is not writable.', z._default(z.boolean(), false)),
  exclude_slash_tmp: key('/tmp is not writable.', z._default(z.boolean(), false)),
});

/** The only names and values that a process can be given. */
const variableName = () => z.string().check(z.regex(/^[^=\0]+$/));
const variableValue = () => z.string().check(z.regex(/^[^\0]*$/));
const variablePatterns = () => z._default(z.array(z.string()), () => []);

const shellEnvironmentPolicy = z.strictObject({
  inherit: key(
    'Variables that commands inherit: all, the core ones (PATH, HOME, …) or none.',
    z._default(z.enum(['all', 'core', 'none']), 'all'),
  ),
  ignore_default_excludes: key(
    'Also pass on variables that look like secrets: names such as *KEY* or *TOKEN*, values such as private keys.',
    z._default(z.boolean(), false),
  ),
  exclude: key(
    'Variables that commands do not get; patterns with * and ?, case-insensitive.',
    variablePatterns(),
  ),
  set: key(
    'Variables that commands get even if they are excluded; include_only still applies.',
    z._default(z.record(variableName(), variableValue()), () => ({})),
  ),
  include_only: key(
    'If not empty, the only variables that commands get; patterns as in exclude.',
    variablePatterns(),
  ),
});

const ollama = z.strictObject({
  host: key('Address of the Ollama server; default: $OLLAMA_HOST or the local one.', z.optional(z.string())),
  hosts: key(
    'Addresses of Ollama servers, best first: the first that answers and has the model is used. Not with a host of its own.',
    z.optional(z.array(z.string().check(z.minLength(1)))),
  ),
  connect_timeout_ms: key(
    'Milliseconds within which a server in hosts has to answer; default: 300.',
    z.optional(positiveInt()),
  ),
  adopt_window: key(
    'A window with which others have the model loaded is used if it is enough, so that it need not be loaded again; default: true.',
    z.optional(z.boolean()),
  ),
  keep_alive: key(
    'How long the model stays loaded: a duration such as "30m" (default), or seconds; negative: forever; "server": as the server decides.',
    z.optional(
      z
        .union([z.string(), z.number()])
        .check(z.refine((value) => isKeepAlive(value), 'a duration such as "30m", seconds, or "server"')),
    ),
  ),
  headers: key(
    'HTTP headers for every request to the server, such as Authorization.',
    z.optional(z.record(z.string(), z.string())),
  ),
  reconnect_ms: key(
    'How long a server that has answered and is then away or busy is waited for; default: 60000 in exec, until Esc otherwise.',
    z.optional(z.int().check(z.nonnegative())),
  ),
  idle_timeout_ms: key(
    'Milliseconds without data after which a stream counts as dead.',
    z._default(positiveInt(), 600_000),
  ),
  temperature: key(
    'Sampling temperature; default: the model’s own.',
    z.optional(z.number().check(z.nonnegative())),
  ),
  top_p: key(
    'Nucleus sampling; default: the model’s own.',
    z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  ),
});

const tools = z.strictObject({
  unified_exec: key(
    'Commands may keep running between calls and take input (exec_command, write_stdin); false: only shell.',
    z._default(z.boolean(), true),
  ),
});

const history = z.strictObject({
  persistence: key(
    'Whether prompts are remembered across sessions (history.jsonl); sessions themselves are kept either way.',
    z._default(z.enum(['save-all', 'none']), 'save-all'),
  ),
  max_bytes: key(
    'Size of history.jsonl at which the oldest prompts go; default: 4 MiB.',
    z.optional(positiveInt()),
  ),
});

/** One key or several; none: `[]`. */
const chords = () =>
  z.union([z.string(), z.array(z.string())]).check(({ value, issues }) => {
    for (const [index, name] of [value].flat().entries()) {
      const read = readChord(name);
      const path = Array.isArray(value) ? [index] : [];
      if ('problem' in read) issues.push({ code: 'custom', message: read.problem, input: name, path });
    }
  });

const tui = z.strictObject({
  notifications: key(
    'Whether you are called (default), or for what: "agent-turn-complete", "approval-requested".',
    z.optional(z.union([z.boolean(), z.array(z.string())])),
  ),
  notification_method: key(
    'How: a notification of the terminal (osc9), the bell (bel), or as the terminal can (auto, the default).',
    z.optional(z.enum(['auto', 'osc9', 'bel'])),
  ),
  notification_condition: key(
    'When: while the terminal has no focus (default), or always.',
    z.optional(z.enum(['unfocused', 'always'])),
  ),
  theme: key('The colours, as in /theme; default: auto.', z.optional(z.enum(THEMES))),
  vim: key('The composer has the modes and keys of vi, as with /vim.', z.optional(z.boolean())),
  keymap: key(
    `Keys by action: one, a list, or [] for none. Actions: ${KEY_ACTIONS.join(', ')}.`,
    z.optional(z.partialRecord(z.enum(KEY_ACTIONS), chords())),
  ),
});

const limits = z.strictObject({
  max_steps: key('Answers of the model in one turn.', z.optional(positiveInt())),
  max_time: key(
    'How long one turn may take: seconds, or a time such as "10m".',
    z.optional(z.union([z.string(), z.number().check(z.positive())])),
  ),
  max_tokens: key('Tokens read and written in one turn.', z.optional(positiveInt())),
});

const index = z.strictObject({
  enabled: key(
    'Keep an index of the repository, add relevant code after messages, and offer search_code.',
    z._default(z.boolean(), true),
  ),
  inject_tokens: key(
    'Maximum tokens of relevant code added after a message; 0: none; default: an eighth of the window, at most 6000.',
    z.optional(z.int().check(z.nonnegative())),
  ),
  embed_model: key(
    'Embedding model, as `ollama list` names it; default: the first known one that is installed.',
    z.optional(z.string()),
  ),
  chroma_url: key(
    'Chroma server that stores the vectors; default: one that oagent starts.',
    z.optional(z.string()),
  ),
  chroma_headers: key('Headers sent with every request to that server.', z.optional(stringTable())),
  chroma_tenant: key('Tenant on that server.', z.optional(z.string())),
  chroma_database: key('Database on that server.', z.optional(z.string())),
});

const memories = z.strictObject({
  enabled: key('Keep what sessions have taught, and recall it in later ones.', z._default(z.boolean(), true)),
  use: key('Sessions are told what is remembered.', z._default(z.boolean(), true)),
  generate: key(
    'New memories are made of sessions, while the machine is idle.',
    z._default(z.boolean(), true),
  ),
  model: key(
    'Model that makes them, as `ollama list` names it; default: the one of the session.',
    z.optional(z.string().check(z.minLength(1))),
  ),
  idle_minutes: key(
    'Minutes without a turn or a key before they are made.',
    z._default(z.int().check(z.nonnegative()), 10),
  ),
  min_rollout_idle_hours: key(
    'Hours that a session must have rested.',
    z._default(z.int().check(z.minimum(1), z.maximum(48)), 12),
  ),
  max_rollout_age_days: key(
    'Older sessions are not read.',
    z._default(z.int().check(z.nonnegative(), z.maximum(90)), 30),
  ),
  allow_loading: key('A model that is not loaded may be loaded for it.', z._default(z.boolean(), false)),
  on_battery: key('They are made on battery, too.', z._default(z.boolean(), false)),
  exec_sessions: key('Sessions of `oagent exec` are read, too.', z._default(z.boolean(), true)),
});

const project = () =>
  z.strictObject({
    trust_level: key(
      'Whether the project’s own configuration is used.',
      z.optional(z.enum(['trusted', 'untrusted'])),
    ),
    config_sha256: key(
      'SHA-256 of the only .oagent/config.toml that is trusted, or "none"; default: any.',
      z.optional(z.string()),
    ),
    extensions: key(
      'Programs that the project brings, allowed or refused by you, with the hash of what was shown.',
      z.optional(stringTable()),
    ),
    test_command: key('Command that tests this project; as test_command.', z.optional(z.string())),
    memories: key(
      'false: sessions in this folder and those below it make and use no memories.',
      z.optional(z.boolean()),
    ),
  });

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;
const notNegative = () => z.int().check(z.nonnegative());
const share = () => z.number().check(z.minimum(0), z.maximum(1));

/** In place of a key that holds for all models, or sampling by Ollama's own names. */
const option = <T extends z.ZodMiniType>(value: T) =>
  key('For this model; default: as for all, or the model’s own.', z.optional(value));

const modelSettings = () =>
  z.strictObject({
    profile: key(
      'native: the model calls tools by itself; led: it is led step by step; default: as measured.',
      z.optional(z.enum(['native', 'led'])),
    ),
    tools: key('full: patches; small: edit_file and write_file.', z.optional(z.enum(TOOL_SETS))),
    context_window: option(positiveInt()),
    reasoning_effort: option(z.enum(EFFORTS)),
    reasoning_max_tokens: option(notNegative()),
    temperature: option(z.number().check(z.nonnegative())),
    top_p: option(share()),
    top_k: option(notNegative()),
    min_p: option(share()),
    typical_p: option(share()),
    repeat_penalty: option(z.number()),
    repeat_last_n: option(z.int().check(z.minimum(-1))),
    presence_penalty: option(z.number()),
    frequency_penalty: option(z.number()),
    seed: option(z.int()),
  });

const settings = {
  model: key('Model to use, as `ollama list` names it.', z.optional(z.string().check(z.minLength(1)))),
  vision_model: key(
    'Model that describes images to one that cannot see them, or "none"; default: the smallest installed one that sees.',
    z.optional(z.string().check(z.minLength(1))),
  ),
  models: key(
    'Settings for individual models, by the name in `ollama list`.',
    z._default(named(modelSettings), () => ({})),
  ),
  model_provider: key('Which of model_providers serves the model.', z._default(z.string(), 'ollama')),
  model_providers: key(
    'Ollama servers by name.',
    z._default(named(modelProvider), () => ({})),
  ),
  oss_provider: key('Accepted for Codex files; only "ollama" can be used.', z.optional(z.string())),
  openai_base_url: key(
    'Address of the Ollama server, as the Codex SDK passes it; a trailing /v1 is dropped.',
    z.optional(z.string()),
  ),
  model_context_window: key(
    'Context window in tokens; default: what fits the model and the memory.',
    z.optional(positiveInt()),
  ),
  model_auto_compact_token_limit: key(
    'Prompt size in tokens that starts a compaction; default: 95 % of the window minus the space for an answer.',
    z.optional(positiveInt()),
  ),
  compact_prompt: key('Prompt for compaction, instead of the built-in one.', z.optional(z.string())),
  experimental_compact_prompt_file: key('File with a compact_prompt.', z.optional(z.string())),
  model_instructions_file: key(
    'File with a system message, instead of the built-in one.',
    z.optional(z.string()),
  ),
  developer_instructions: key('Text that is added to the system message.', z.optional(z.string())),
  model_reasoning_effort: key(
    'How much the model thinks; default: the model’s own.',
    z.optional(z.enum(EFFORTS)),
  ),
  model_reasoning_max_tokens: key(
    'Tokens of thinking after which it is stopped; 0: none; default: what the model needs.',
    z.optional(notNegative()),
  ),
  tool_output_token_limit: key(
    'Maximum tokens of one tool output that the model gets.',
    z.optional(positiveInt()),
  ),
  test_command: key(
    'Command with which run_tests tests the project, with {target} where a file or test name goes; empty: no run_tests; default: as the project shows.',
    z.optional(z.string()),
  ),
  approval_policy: key('When the user is asked.', z._default(z.enum(APPROVAL_POLICIES), 'on-request')),
  approvals_reviewer: key(
    '"model": the model looks at what would leave the sandbox, in a fresh context, before it does.',
    z._default(z.enum(['user', 'model']), 'user'),
  ),
  sandbox_mode: key(
    'What commands may touch; default: by the project’s trust.',
    z.optional(z.enum(SANDBOX_MODES)),
  ),
  sandbox_workspace_write: key(
    'Details of sandbox_mode = "workspace-write".',
    z.prefault(sandboxWorkspaceWrite, {}),
  ),
  shell_environment_policy: key(
    'Which environment variables commands get.',
    z.prefault(shellEnvironmentPolicy, {}),
  ),
  project_doc_max_bytes: key(
    'Maximum bytes of AGENTS.md files that the model gets; 0: none.',
    z._default(z.int().check(z.nonnegative()), 32_768),
  ),
  project_doc_fallback_filenames: key(
    'File names to try if a folder has no AGENTS.md.',
    z._default(z.array(z.string()), () => []),
  ),
  project_root_markers: key(
    'Names whose presence makes a folder the project’s root.',
    z._default(z.array(z.string()), () => ['.git']),
  ),
  projects: key(
    'Projects by absolute path.',
    z._default(named(project), () => ({})),
  ),
  notify: key(
    'Program run after each turn, with one JSON argument appended.',
    z.optional(z.array(z.string())),
  ),
  hide_agent_reasoning: key('What the model thinks is not shown.', z.optional(z.boolean())),
  show_raw_agent_reasoning: key('false: the same as hide_agent_reasoning.', z.optional(z.boolean())),
  include_environment_context: key(
    'false: the model is not told shell, date, time zone, sandbox and folder.',
    z.optional(z.boolean()),
  ),
  background_terminal_max_timeout: key(
    'Milliseconds that the model may wait at a time for what a running command prints; default: 300000.',
    z.optional(z.int().check(z.nonnegative())),
  ),
  tui: key('The view in the terminal.', z.prefault(tui, {})),
  history: key('The prompts that the composer remembers.', z.prefault(history, {})),
  limits: key('Where a turn ends even if it is not done.', z.prefault(limits, {})),
  index: key('The index of the repository.', z.prefault(index, {})),
  memories: key('What is remembered of earlier sessions.', z.prefault(memories, {})),
  mcp_servers: key(
    'MCP servers by name.',
    z._default(named(mcpServer), () => ({})),
  ),
  mcp: key('What MCP servers add to a session.', z.prefault(mcp, {})),
  hooks: key('Programs of yours that run at certain moments.', z.optional(hooks)),
  skills: key('Procedures that the model gets when they fit.', z.prefault(skills, {})),
  agents: key('The sub-agent.', z.prefault(agents, {})),
  tools: key('Which tools the model gets.', z.prefault(tools, {})),
  ollama: key('The Ollama server and how the model is run.', z.prefault(ollama, {})),
};

/** What a file, `-c` and the flags may contain. */
export const configSchema = z.strictObject({
  profile: key('Profile used when -p names none.', z.optional(z.string())),
  profiles: key(
    'Settings by profile name; each may contain any of the other keys.',
    z.optional(z.record(z.string(), z.strictObject(settings))),
  ),
  ...settings,
});

/** Keys that hold a path or a list of paths: relative ones start at the folder of the file that sets them. */
export const PATH_KEYS: readonly (readonly string[])[] = [
  ['sandbox_workspace_write', 'writable_roots'],
  ['experimental_compact_prompt_file'],
  ['model_instructions_file'],
];

/** The effective configuration, defaults filled in; `profile` is the one in use. */
export type Config = Omit<z.output<typeof configSchema>, 'profiles'>;
/** A part of the configuration, as given by flags. */
export type ConfigInput = z.input<typeof configSchema>;
export type ShellEnvironmentPolicy = Config['shell_environment_policy'];
export type ReasoningEffort = NonNullable<Config['model_reasoning_effort']>;
