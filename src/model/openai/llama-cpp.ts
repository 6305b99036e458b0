/** llama.cpp's own server: one model, or a router for several. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import type { Ask } from './ask.ts';
import { orNothing } from './ask.ts';
import { thinkingArguments, type WireBody } from './chat-body.ts';
import { type Doing, type Kind, positive, type ServedModel, text } from './kind.ts';
import { LLAMA_CPP_SAMPLING } from './sampling.ts';

/** @param props the answer of `/props`. */
export function llamaCpp(props: JsonObject): Kind {
  const isRouter = props.role === 'router';
  return {
    name: 'llama.cpp',
    version: text(props.build_info),
    abilities: [
      'its window',
      'exact counts before a request',
      'cached tokens',
      'progress of reading',
      'schemas',
    ],
    models: async (ask) => modelsIn(await ask('/v1/models')),
    describe: async (ask, model) => {
      const own = isRouter ? await orNothing(ask(propsPath(model.id))) : await ask('/props');
      return own === undefined ? model : described(model, own);
    },
    sampling: LLAMA_CPP_SAMPLING,
    extras: (settings, request) => {
      const chosen = thinkingArguments(settings, request);
      return {
        cache_prompt: true,
        return_progress: true,
        ...(chosen !== undefined && { chat_template_kwargs: chosen }),
      };
    },
    count,
    phase: (ask, model) => doing(ask, isRouter ? model : undefined),
  };
}

/** Whether an answer of `/props` is that of llama.cpp; LM Studio answers any path with success. */
export function isLlamaCpp(props: JsonObject | undefined): props is JsonObject {
  return props !== undefined && (isObject(props.default_generation_settings) || props.role === 'router');
}

/** Of one model of a router, which does not load it for that. */
function propsPath(model: string): string {
  return `/props?model=${encodeURIComponent(model)}&autoload=false`;
}

function modelsIn({ data }: JsonObject): ServedModel[] {
  return (Array.isArray(data) ? data : []).filter(isObject).map((entry) => {
    const meta = isObject(entry.meta) ? entry.meta : {};
    const { n_ctx, n_ctx_train, n_params, size, ftype } = meta;
    const inputs = isObject(entry.architecture) ? entry.architecture.input_modalities : [];
    return {
      id: String(entry.id ?? ''),
      aliases: Array.isArray(entry.aliases) ? entry.aliases.map(String) : [],
      isLoaded: statusOf(entry) === 'loaded',
      window: positive(n_ctx),
      modelMax: positive(n_ctx_train),
      sees: Array.isArray(inputs) && inputs.includes('image'),
      size: positive(size),
      parameters: billions(n_params),
      quantization: text(ftype),
    };
  });
}

/** Only a router has models that are not loaded. */
function statusOf({ status }: JsonObject): string {
  return isObject(status) ? String(status.value) : 'loaded';
}

function billions(parameters: unknown): number | undefined {
  const known = positive(parameters);
  return known === undefined ? undefined : known / 1e9;
}

function described(model: ServedModel, props: JsonObject): ServedModel {
  const settings = isObject(props.default_generation_settings) ? props.default_generation_settings : {};
  const template = text(props.chat_template) ?? '';
  const caps = isObject(props.chat_template_caps) ? props.chat_template_caps : {};
  const modalities = isObject(props.modalities) ? props.modalities : {};
  const weights = [props.model_path, props.model_ftype, model.size, model.parameters, template];
  return {
    ...model,
    window: positive(settings.n_ctx) ?? model.window,
    // Without a place for them in the template, they are left out of the prompt without a word.
    tools: caps.supports_tools !== false,
    sees: modalities.vision === true,
    thinking: /\benable_thinking\b/.test(template)
      ? 'switch'
      : /\breasoning_effort\b/.test(template)
        ? 'levels'
        : undefined,
    digest: createHash('sha256').update(JSON.stringify(weights)).digest('hex'),
  };
}

/** What the server makes of the messages, then its tokens: nothing is read for that. */
async function count(ask: Ask, body: WireBody): Promise<number | undefined> {
  const { model, messages, tools, chat_template_kwargs } = body;
  const { prompt } = await ask('/apply-template', { body: { model, messages, tools, chat_template_kwargs } });
  if (typeof prompt !== 'string') return undefined;
  const question = { model, content: prompt, add_special: true, parse_special: true };
  const { tokens } = await ask('/tokenize', { body: question });
  return Array.isArray(tokens) ? tokens.length : undefined;
}

/** @param model of a router. */
async function doing(ask: Ask, model: string | undefined): Promise<Doing | undefined> {
  if (model === undefined) {
    const { status } = await ask('/health');
    return { phase: status === 'ok' ? 'reading' : 'loading' };
  }
  const own = modelsIn(await ask('/v1/models')).find(({ id }) => id === model);
  return own && { phase: own.isLoaded ? 'reading' : 'loading' };
}
