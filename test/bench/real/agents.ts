/**
 * The agents that can be measured: how each is found, started on a task, and where its answer is.
 *
 * Invariants: each runs as its users run it without a terminal, on the same model, in the same folder, and may write
 * there without being asked. Does not: start anything (run-agent.ts).
 */
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Invocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
}

export interface Ask {
  readonly model: string;
  readonly prompt: string;
  /** Base URL of the server. */
  readonly host: string;
  /** A HOME that the agent has for itself in a whole series. */
  readonly home: string;
}

export interface Agent {
  readonly name: string;
  readonly invocation: (ask: Ask) => Invocation;
}

/** What starts an agent, once its program is known. */
type Recipe = (file: string, ask: Ask) => Invocation;

const OTHERS: { readonly [name: string]: Recipe } = {
  aider: (file, { model, prompt, host }) => ({
    file,
    args: [
      ...['--model', `ollama_chat/${model}`, '--edit-format', 'whole', '--yes-always', '--no-auto-commits'],
      ...['--no-gitignore', '--no-stream', '--no-pretty', '--no-fancy-input', '--no-suggest-shell-commands'],
      ...['--no-check-update', '--no-show-release-notes', '--message', prompt],
    ],
    // Without this its price list is fetched at every start, which takes seconds where there is no network.
    env: { OLLAMA_API_BASE: host, LITELLM_LOCAL_MODEL_COST_MAP: 'True', AIDER_ANALYTICS: 'false' },
  }),
  pi: (file, { model, prompt, host, home }) => {
    const provider = {
      baseUrl: `${host}/v1`,
      api: 'openai-completions',
      apiKey: 'none',
      models: [{ id: model }],
    };
    const folder = path.join(home, '.pi/agent');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'models.json'), JSON.stringify({ providers: { ollama: provider } }));
    return { file, args: ['--provider', 'ollama', '--model', model, '-p', prompt], env: {} };
  },
  codex: (file, { model, prompt, host }) => ({
    file,
    args: ['exec', '--oss', '--local-provider', 'ollama', '-m', model, '-s', 'workspace-write', prompt],
    env: { CODEX_OSS_BASE_URL: `${host}/v1` },
  }),
};

export const AGENT_NAMES: readonly string[] = ['oagent', ...Object.keys(OTHERS)];

/** oagent itself. @param main the built program. @param config arguments of `-c`; depends on the server's base URL. */
export function oagent(main: string, config: (host: string) => readonly string[]): Agent {
  return {
    name: 'oagent',
    invocation: ({ model, prompt, host, home }) => ({
      file: process.execPath,
      args: [
        ...[main, 'exec', '-s', 'workspace-write', '-m', model],
        ...config(host).flatMap((setting) => ['-c', setting]),
        prompt,
      ],
      env: { OLLAMA_HOST: host, OAGENT_HOME: path.join(home, '.oagent') },
    }),
  };
}

/** Another agent by its name, from the first of the folders that has it; undefined if none has. */
export function otherAgent(name: string, folders: readonly string[]): Agent | undefined {
  const recipe = OTHERS[name];
  const file = folders.map((folder) => path.join(folder, name)).find(isProgram);
  if (recipe === undefined || file === undefined) return undefined;
  return { name, invocation: (ask) => recipe(file, ask) };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
