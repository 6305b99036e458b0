/** The settings of what can be added to oagent: MCP servers, skills, hooks, the sub-agent. Names as in Codex where it has them. */
import * as z from 'zod/mini';
import { key, named, positiveInt, stringTable } from './key.ts';

const names = () => z.array(z.string());
const seconds = () => z.number().check(z.positive());

const mcpTool = () =>
  z.strictObject({
    approval_mode: key(
      'auto and prompt: you are asked (default); approve: you are not.',
      z.optional(z.enum(['auto', 'prompt', 'approve'])),
    ),
  });

export const mcpServer = () =>
  z.strictObject({
    command: key('Program of a server that is started here.', z.optional(z.string().check(z.minLength(1)))),
    args: key('Its arguments.', z.optional(names())),
    env: key('Its variables, besides a few of yours such as PATH and HOME.', z.optional(stringTable())),
    env_vars: key('More of your own variables that it gets.', z.optional(names())),
    cwd: key('Its folder; default: the one of the session.', z.optional(z.string())),
    url: key('Address of a server that runs elsewhere.', z.optional(z.string().check(z.minLength(1)))),
    http_headers: key('Headers sent with every request to it.', z.optional(stringTable())),
    env_http_headers: key(
      'Headers whose values come from the named environment variables.',
      z.optional(stringTable()),
    ),
    bearer_token_env_var: key('Environment variable with its bearer token.', z.optional(z.string())),
    scopes: key('What is asked for at `mcp login`.', z.optional(names())),
    oauth_client_id: key(
      'Id of a program that you have registered for `mcp login`; default: oagent registers itself.',
      z.optional(z.string().check(z.minLength(1))),
    ),
    enabled: key('false: it is not used.', z.optional(z.boolean())),
    required: key('exec ends with an error if it cannot be started.', z.optional(z.boolean())),
    startup_timeout_sec: key('How long it may take to start; default: 30.', z.optional(seconds())),
    tool_timeout_sec: key('How long a call may take; default: 120.', z.optional(seconds())),
    enabled_tools: key('The only ones of its tools that are used.', z.optional(names())),
    disabled_tools: key('Of its tools, those that are not used.', z.optional(names())),
    direct: key(
      'Of its tools, those that the model sees from the start; the others it finds by mcp_find.',
      z.optional(names()),
    ),
    sandbox: key('It runs in the sandbox of the session.', z.optional(z.boolean())),
    network: key('In the sandbox: it may use the network.', z.optional(z.boolean())),
    tools: key('Settings for single tools.', z.optional(named(mcpTool))),
  });

export const mcp = z.strictObject({
  direct_tokens: key('Most tokens of tools that are declared with `direct`.', z._default(positiveInt(), 800)),
});

const hook = () =>
  z.strictObject({
    type: key('Only "command".', z.literal('command')),
    command: key('Run by the shell, with JSON on its stdin.', z.string().check(z.minLength(1))),
    timeout: key('Seconds; default: 60.', z.optional(seconds())),
    sandbox: key(
      'false: it runs outside the sandbox, if no command can change what it runs.',
      z.optional(z.boolean()),
    ),
    async: key('Accepted for Codex files; it is waited for.', z.optional(z.boolean())),
    statusMessage: key('Shown while it runs.', z.optional(z.string())),
  });

const hookGroups = z.array(
  z.lazy(() =>
    z.strictObject({
      matcher: key(
        'The tools by name, joined by |, or a regular expression; default: all.',
        z.optional(z.string().check(z.refine(isPattern, 'a regular expression'))),
      ),
      hooks: key('What is run, in this order.', z.array(hook())),
    }),
  ),
);

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== undefined;
  } catch {
    return text === '*';
  }
}

/** By the event at which they run. */
export const hooks = z.strictObject({
  SessionStart: key('Before the first message of a session.', z.optional(hookGroups)),
  UserPromptSubmit: key('Before a message of yours goes to the model.', z.optional(hookGroups)),
  PreToolUse: key('Before a call of the model is run.', z.optional(hookGroups)),
  PostToolUse: key('After it, before the model gets the output.', z.optional(hookGroups)),
  PreCompact: key('Before the conversation is summarised.', z.optional(hookGroups)),
  Stop: key('When the model is done.', z.optional(hookGroups)),
  Notification: key('When you are called: a question, the end of a turn.', z.optional(hookGroups)),
});

export const skills = z.strictObject({
  enabled: key('Skills are recalled and can be called.', z._default(z.boolean(), true)),
});

export const agents = z.strictObject({
  enabled: key(
    'The model may give work to a sub-agent (task) without being asked to.',
    z._default(z.boolean(), false),
  ),
});
