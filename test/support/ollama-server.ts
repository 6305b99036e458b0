/**
 * A scripted Ollama for one test: started when asked for, closed when the test is over.
 *
 * Does not: hold a script; a test brings its own.
 */
import { onTestFinished, vi } from 'vitest';
import type { ModelSpec } from '../../src/demo/models.ts';
import type { Script } from '../../src/demo/script.ts';
import {
  type ScriptedOllama,
  type ScriptedOllamaOptions,
  startScriptedOllama,
} from '../../src/demo/scripted-ollama.ts';
import { serverAt } from '../../src/model/late-server.ts';
import type { ModelServer } from '../../src/model/server.ts';

/** Ollama renders the prompt and parses the calls; thinks. */
export const RENDERED: ModelSpec = {
  name: 'base',
  path: 'rendered',
  capabilities: ['completion', 'tools', 'thinking'],
  contextLength: 32_768,
};

/** llama-server does, with the model's own template; does not think. */
export const NATIVE: ModelSpec = {
  name: 'native',
  path: 'native',
  capabilities: ['completion', 'tools'],
  contextLength: 32_768,
};

type Wire = NonNullable<ScriptedOllamaOptions['wire']>;

let wire: Wire = 'ollama';

/** From now on the servers of this test file speak so. */
export function speak(next: Wire): void {
  wire = next;
}

/** Whether the servers of this test file speak as Ollama does. */
export const isOllama = (): boolean => wire === 'ollama';

/** A client for the server, as a session has one. */
export function clientOf({ host, wire: spoken }: TestOllama): ModelServer {
  const api = { path: '/v1', wire: 'chat', provider: 'test' };
  return serverAt({ host, headers: {}, ...(spoken === 'llama.cpp' && { api }) });
}

export interface TestOllama extends ScriptedOllama {
  readonly wire: Wire;
  /** For a process that shall talk to this server. */
  readonly env: { readonly OLLAMA_HOST: string };
}

/** Starts a server with RENDERED and NATIVE (or `options.models`); it closes with the running test. */
export async function withOllama(
  script: Script,
  options: Partial<Omit<ScriptedOllamaOptions, 'script'>> = {},
): Promise<TestOllama> {
  const spoken = options.wire ?? wire;
  const server = await startScriptedOllama({
    models: [RENDERED, NATIVE],
    // A server of llama.cpp has one window for all that it is asked.
    ...(spoken === 'llama.cpp' && { defaultNumCtx: 32_768 }),
    ...options,
    wire: spoken,
    script,
  });
  onTestFinished(() => server.close());
  return { ...server, wire: spoken, env: { OLLAMA_HOST: server.host } };
}

/** For the running test every limit of silence is so many times shorter. */
export function hurryLimits(times: number): void {
  const { timeout } = AbortSignal;
  const spy = vi
    .spyOn(AbortSignal, 'timeout')
    .mockImplementation((ms) => timeout.call(AbortSignal, ms / times));
  onTestFinished(() => spy.mockRestore());
}
