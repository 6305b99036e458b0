/**
 * Settles which model a session uses. The model can call tools; if there is none, the error says how to get one.
 */
import { nearestName } from '../config/suggest.ts';
import { timeLimit } from '../system/within.ts';
import { askModels } from './ask-models.ts';
import { type InstalledModel, loadedIn, type ModelFacts, rankModels, sameModel } from './capabilities.ts';
import { ModelError } from './errors.ts';
import type { ModelServer } from './server.ts';
import type { LoadedModel } from './window.ts';

export interface ChosenModel {
  readonly name: string;
  readonly facts: ModelFacts;
  /** As /api/tags lists it; undefined if it was not asked for or not reported. */
  readonly digest?: string | undefined;
  /** How it is in memory; absent: it is not, or that was not asked for. */
  readonly loaded?: LoadedModel | undefined;
}

/** The server is reachable but has no usable model: the user has to pull or name one. */
export class NoModelError extends ModelError {
  constructor(message: string, details: { readonly status?: number; readonly brief?: string } = {}) {
    super(message, 'fail', details);
  }
}

/** Suggested to users who have no model. */
const SUGGESTION = 'qwen3-coder';

/** Models that are asked at once what they can do. */
const ASKED_AT_ONCE = 4;

/** A digest only finds earlier measurements, so it is not worth a longer wait. */
const DIGEST_MS = 1_000;
/** How long a server may take to say what it has loaded: a wrong guess costs a load. */
const LOADED_MS = 1_000;

type Asked = Pick<ModelServer, 'show' | 'installed' | 'name'>;

/**
 * @param wanted the user's choice; undefined picks the first of `rankModels` that can call tools.
 * @param withDigest asks for the digest of the wanted model too, at the same time.
 * @throws ModelError with a line that says what to do.
 */
export async function chooseModel(
  client: Asked,
  wanted: string | undefined,
  signal: AbortSignal,
  withDigest = false,
): Promise<ChosenModel> {
  if (wanted === undefined) return chooseBest(client, signal);
  const [chosen, digest] = await Promise.all([
    checkWanted(client, wanted, signal),
    withDigest ? digestOf(client, wanted, signal) : undefined,
  ]);
  return { ...chosen, digest };
}

/** The same for a session, which also needs to know how the model is loaded. */
export async function chooseLoaded(
  client: Asked & Pick<ModelServer, 'running'>,
  wanted: string | undefined,
  signal: AbortSignal,
  withDigest = false,
): Promise<ChosenModel> {
  const choice = chooseModel(client, wanted, signal, withDigest);
  const running = client.running(timeLimit(LOADED_MS, signal)).catch(() => []);
  const chosen = await choice;
  return { ...chosen, loaded: loadedIn(await running, chosen.name) };
}

/** The digest of an installed model; undefined if the server does not report it in time. Never rejects. */
export async function digestOf(
  client: Pick<ModelServer, 'installed'>,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const installed = await client.installed(timeLimit(DIGEST_MS, signal)).catch(() => []);
  return installed.find((model) => sameModel(model.name, name))?.digest;
}

/** @throws the first failure if no model that could be asked can call tools. */
async function chooseBest(client: Asked, signal: AbortSignal): Promise<ChosenModel> {
  const installed = await client.installed(signal);
  const failures: unknown[] = [];
  for (const group of groupsToAsk(rankModels(installed))) {
    const answers = await askModels(
      client,
      group.map(({ name }) => name),
      signal,
    );
    for (const [at, { name, digest }] of group.entries()) {
      const answer = answers[at];
      if (answer?.status === 'rejected') failures.push(answer.reason);
      else if (answer?.value.tools) return { name, facts: answer.value, digest };
    }
  }
  if (failures.length > 0) throw failures[0];
  const got =
    installed.length === 0 ? 'no model is installed' : 'none of the installed models can call tools';
  throw new NoModelError(`${got}. ${adviceOf(client, installed.length > 0)}`, { brief: got });
}

/** Groups that are asked together: up to the first model that is listed with tools, which most likely settles it. */
function* groupsToAsk(ranked: readonly InstalledModel[]): Generator<InstalledModel[]> {
  let group: InstalledModel[] = [];
  for (const model of ranked) {
    group.push(model);
    if (!model.listsTools && group.length < ASKED_AT_ONCE) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Programs that know several providers put this before the name. */
const PREFIX = 'ollama/';

async function checkWanted(client: Asked, wanted: string, signal: AbortSignal): Promise<ChosenModel> {
  let facts: ModelFacts;
  try {
    facts = await client.show(wanted, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || error.status !== 404) throw error;
    if (wanted.startsWith(PREFIX)) return checkWanted(client, wanted.slice(PREFIX.length), signal);
    const installed = await client.installed(signal);
    const near = nearNames(wanted, installed);
    const hint = near === '' ? '' : ` Did you mean ${near}?`;
    throw new NoModelError(`${error.message}.${hint} Installed: ${nameList(installed) || 'none'}`, {
      status: 404,
    });
  }
  if (facts.tools) return { name: wanted, facts };
  const others = await withTools(client, await client.installed(signal), signal);
  const advice = others === '' ? adviceOf(client, true) : `These can: ${others}`;
  const brief = `${wanted} cannot call tools`;
  throw new NoModelError(`${brief}, so it cannot work as an agent. ${advice}`, { brief });
}

/** How to get a model. Only Ollama can be told to. */
function adviceOf({ name }: Pick<ModelServer, 'name'>, hasModels: boolean): string {
  if (name === undefined) return `Get one with \`ollama pull ${SUGGESTION}\``;
  return hasModels
    ? `Start ${name} with a model that can, or with another chat template`
    : `Give one to ${name}`;
}

/** Models that cannot be asked are left out. */
async function withTools(
  client: Pick<ModelServer, 'show'>,
  installed: readonly InstalledModel[],
  signal: AbortSignal,
): Promise<string> {
  const ranked = rankModels(installed);
  const names = ranked.map(({ name }) => name);
  const answers = await askModels(client, names, signal);
  return nameList(
    ranked.filter((_, at) => {
      const answer = answers[at];
      return answer?.status === 'fulfilled' && answer.value.tools;
    }),
  );
}

/** Other tags of the same model, else the nearest name. */
function nearNames(wanted: string, installed: readonly InstalledModel[]): string {
  const family = (name: string): string => name.toLowerCase().split(':', 1)[0] ?? '';
  const tags = installed.filter(({ name }) => family(name) === family(wanted));
  if (tags.length > 0) return nameList(tags).replaceAll(', ', ' or ');
  return (
    nearestName(
      wanted,
      installed.map(({ name }) => name),
    ) ?? ''
  );
}

function nameList(models: readonly InstalledModel[]): string {
  const names = models
    .map((model) => model.name)
    .filter((name, index, all) => all.findIndex((n) => sameModel(n, name)) === index);
  return names.length > 12
    ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
    : names.join(', ');
}
