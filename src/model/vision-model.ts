/** Which installed model looks at images for one that cannot, and what it says of one. */
import prompt from '../../prompts/describe-image.md?raw';
import { askModels } from './ask-models.ts';
import { canonicalName, type ModelFacts } from './capabilities.ts';
import { ModelError } from './errors.ts';
import { leastThinking } from './least-thinking.ts';
import { withRetries } from './retry.ts';
import type { ChatListener, ModelServer } from './server.ts';
import type { LoadedModel } from './window.ts';
import type { ModelEntry } from './wire.ts';

/** Suggested to users who have none: it is small, and reads text in images. */
const VISION_SUGGESTION = 'qwen2.5vl:3b';

/** `vision_model` that switches it off. */
export const NO_VISION_MODEL = 'none';

export interface VisionModel {
  readonly name: string;
  readonly facts: ModelFacts;
  /** How it is in memory; undefined: it is not. */
  readonly loaded: LoadedModel | undefined;
}

type Asked = Pick<ModelServer, 'tags' | 'show' | 'loaded' | 'name'>;

/** Enough for an image and what is said of it. */
const WINDOW = 4096;
const ANSWER_TOKENS = 600;
const IDLE_MS = 300_000;

/**
 * @param wanted the user's choice; undefined: the smallest that is installed on the server itself and sees.
 * @throws ModelError that says how to get one.
 */
export async function chooseVisionModel(
  client: Asked,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<VisionModel> {
  const { name, facts } =
    wanted === undefined ? await smallest(client, signal) : await checked(client, wanted, signal);
  return { name, facts, loaded: await client.loaded(name, signal) };
}

async function checked(
  client: Asked,
  wanted: string,
  signal: AbortSignal,
): Promise<Pick<VisionModel, 'name' | 'facts'>> {
  const facts = await client.show(wanted, signal);
  if (!facts.vision) throw new ModelError(`${wanted} (vision_model) cannot see images either`, 'fail');
  return { name: wanted, facts };
}

async function smallest(client: Asked, signal: AbortSignal): Promise<Pick<VisionModel, 'name' | 'facts'>> {
  const local = (await client.tags(signal)).filter(
    ({ remote_host: host }) => typeof host !== 'string' || host === '',
  );
  // Those that the list knows to see are asked first: it does not know all.
  const known = local.filter(listsVision);
  for (const entries of [known, local.filter((entry) => !listsVision(entry))]) {
    const names = entries.toSorted((a, b) => sizeOf(a) - sizeOf(b)).map(nameOf);
    const answers = await askModels(client, names, signal);
    for (const [at, answer] of answers.entries()) {
      const name = names[at];
      if (name !== undefined && answer.status === 'fulfilled' && isLocalEye(answer.value))
        return { name, facts: answer.value };
    }
  }
  throw new ModelError(
    client.name === undefined
      ? `no installed model can see images: \`ollama pull ${VISION_SUGGESTION}\` gets one that describes them`
      : `no model of ${client.name} can see images: start it with one that can`,
    'fail',
  );
}

/**
 * What the model says of an image.
 *
 * @param image base64. @param isLast then the model makes room again, unless it was loaded before.
 * @throws ModelError; the signal's reason once it is aborted.
 */
export async function describeImage(
  client: Pick<ModelServer, 'chat'>,
  { name, facts, loaded }: VisionModel,
  image: { readonly data: string; readonly isLast: boolean },
  onPhase: ChatListener['onPhase'],
  signal: AbortSignal,
): Promise<string> {
  const numCtx = Math.max(loaded?.numCtx ?? 0, Math.min(WINDOW, facts.contextLength ?? WINDOW));
  const settings = {
    model: name,
    numCtx,
    numPredict: ANSWER_TOKENS,
    keepAlive: loaded !== undefined ? undefined : image.isLast ? 0 : '5m',
    reconnectMs: 0,
    think: facts.thinking ? leastThinking(facts.thinkLevels ? 'low' : true) : undefined,
    sampling: {},
    idleTimeoutMs: IDLE_MS,
  };
  const messages = [{ role: 'user', content: prompt.trim(), images: [image.data] } as const];
  const ask = () =>
    client.chat(settings, { messages, tools: [] }, { onDelta: () => undefined, onPhase }, signal);
  const { content } = await withRetries(ask, () => undefined, signal);
  const text = content.trim();
  if (text === '') throw new ModelError(`${name} said nothing about the image`, 'fail');
  return text;
}

/** An image does not leave the server without the user's word. */
function isLocalEye({ vision, remoteHost }: ModelFacts): boolean {
  return vision && remoteHost === undefined;
}

function listsVision({ capabilities }: ModelEntry): boolean {
  return Array.isArray(capabilities) && capabilities.includes('vision');
}

const nameOf = ({ name, model }: ModelEntry): string => canonicalName(String(name ?? model ?? ''));

function sizeOf({ size }: ModelEntry): number {
  return typeof size === 'number' && size > 0 ? size : Number.MAX_SAFE_INTEGER;
}
