/**
 * Settles which model a session uses, and fails with the cure when there is none.
 *
 * Invariants: the model that comes out can call tools. Does not: pull a model, or load it.
 */
import { type InstalledModel, type ModelFacts, rankModels, sameModel } from './capabilities.ts';
import type { OllamaClient } from './client.ts';
import { ModelError } from './errors.ts';

export interface ChosenModel {
  readonly name: string;
  readonly facts: ModelFacts;
}

/** The server is there, but has no model to work with: pulling or naming one helps. */
export class NoModelError extends ModelError {
  constructor(message: string, status?: number) {
    super(message, 'fail', status === undefined ? {} : { status });
  }
}

/** What we suggest to someone who has no model at all. */
const SUGGESTION = 'qwen3-coder';

/**
 * @param wanted the user's choice; undefined picks the first of `rankModels` that can call tools.
 * @throws ModelError with one line that says what to do.
 */
export async function chooseModel(
  client: Pick<OllamaClient, 'show' | 'installed'>,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<ChosenModel> {
  return wanted === undefined ? chooseBest(client, signal) : checkWanted(client, wanted, signal);
}

async function chooseBest(
  client: Pick<OllamaClient, 'show' | 'installed'>,
  signal: AbortSignal,
): Promise<ChosenModel> {
  const installed = await client.installed(signal);
  for (const { name } of rankModels(installed)) {
    const facts = await client.show(name, signal);
    if (facts.tools) return { name, facts };
  }
  const got =
    installed.length === 0 ? 'no model is installed' : 'none of the installed models can call tools';
  throw new NoModelError(`${got}. Get one with \`ollama pull ${SUGGESTION}\``);
}

async function checkWanted(
  client: Pick<OllamaClient, 'show' | 'installed'>,
  wanted: string,
  signal: AbortSignal,
): Promise<ChosenModel> {
  let facts: ModelFacts;
  try {
    facts = await client.show(wanted, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || error.status !== 404) throw error;
    const installed = await client.installed(signal);
    throw new NoModelError(`${error.message}. Installed: ${nameList(installed) || 'none'}`, 404);
  }
  if (facts.tools) return { name: wanted, facts };
  const others = await withTools(client, await client.installed(signal), signal);
  const advice = others === '' ? `Get one with \`ollama pull ${SUGGESTION}\`` : `These can: ${others}`;
  throw new NoModelError(`${wanted} cannot call tools, so it cannot work as an agent. ${advice}`);
}

async function withTools(
  client: Pick<OllamaClient, 'show'>,
  installed: readonly InstalledModel[],
  signal: AbortSignal,
): Promise<string> {
  const ranked = rankModels(installed);
  const able: InstalledModel[] = [];
  for (const model of ranked) {
    if (model.tools ?? (await client.show(model.name, signal)).tools) able.push(model);
  }
  return nameList(able);
}

function nameList(models: readonly InstalledModel[]): string {
  const names = models
    .map((model) => model.name)
    .filter((name, index, all) => all.findIndex((n) => sameModel(n, name)) === index);
  return names.length > 12
    ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
    : names.join(', ');
}
