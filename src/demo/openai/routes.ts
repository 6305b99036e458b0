/** The paths of llama.cpp's server, over the same models and the same script. Ollama's are unknown to it. */
import type { JsonObject } from '../../protocol.ts';
import { type ChatContext, handleChat } from '../chat.ts';
import { parseBody, readChatRequest } from '../chat-request.ts';
import type { Exchange } from '../exchange.ts';
import { findModel, listedName, type ModelSpec, sizeOf } from '../models.ts';
import { promptTokens, tokenize } from '../render.ts';
import { streamForm } from './answer.ts';
import { asOllama } from './request.ts';

type Handler = (exchange: Exchange, raw: string) => void | Promise<void>;

/** Its own page for people. */
const page = new Map<string, Handler>([['GET', (to) => to.answer(200, 'text/html', '<!doctype html>')]]);

/** As llama.cpp says it of a path that it does not have. */
export const UNKNOWN_PATH = 'File Not Found';

/** @param version what `/props` says. */
export function openAiRoutes(given: ChatContext, version: string): Map<string, Map<string, Handler>> {
  const context = { ...given, form: streamForm };
  const get = (answer: () => unknown) => new Map<string, Handler>([['GET', (to) => to.json(answer())]]);
  const post = (handler: Handler) => new Map([['POST', handler]]);
  const answerTo = (answer: (body: JsonObject) => unknown) =>
    post((exchange, raw) => exchange.json(answer(parseBody(raw))));
  const prompt = (body: JsonObject): string => {
    const { tools, messages } = readChatRequest(asOllama(body), '');
    return promptTokens(tools, messages, 'native').join('');
  };
  return new Map([
    ['/health', get(() => ({ status: 'ok' }))],
    ['/', page],
    [
      '/props',
      new Map<string, Handler>([['GET', (to) => to.json(props(context, version, to.query.get('model')))]]),
    ],
    ['/slots', get(() => [{ id: 0, n_ctx: context.defaultNumCtx, is_processing: false }])],
    [
      '/v1/models',
      get(() => ({ object: 'list', data: context.models.map((model) => entryOf(model, context)) })),
    ],
    ['/apply-template', answerTo((body) => ({ prompt: prompt(body) }))],
    ['/tokenize', answerTo(({ content }) => ({ tokens: tokenize(String(content)).map((_, at) => at) }))],
    ['/v1/chat/completions', post((exchange, raw) => chat(context, exchange, raw))],
  ]);
}

async function chat(context: ChatContext, exchange: Exchange, raw: string): Promise<void> {
  // Without the keys that have no value.
  const body = JSON.parse(JSON.stringify(asOllama(parseBody(raw)))) as JsonObject;
  exchange.entry.body = body;
  await handleChat(context, exchange, raw, body);
}

/** With several models it is a router, which says more only of the one that it is asked about. */
function props({ models, defaultNumCtx }: ChatContext, version: string, asked: string | null): JsonObject {
  const [first] = models;
  if (asked === null && models.length > 1) return { role: 'router', build_info: version };
  const model = asked === null ? first : findModel(models, asked);
  const can = (ability: string): boolean => model?.capabilities.includes(ability) ?? false;
  return {
    default_generation_settings: { params: {}, n_ctx: defaultNumCtx },
    total_slots: 1,
    model_alias: model && listedName(model),
    model_path: `/models/${model?.name}.gguf`,
    modalities: { vision: can('vision'), audio: false },
    chat_template: can('thinking') ? '{%- if enable_thinking %}{%- endif %}' : '{%- if tools %}{%- endif %}',
    chat_template_caps: { supports_tools: can('tools'), supports_tool_calls: can('tools') },
    build_info: version,
  };
}

function entryOf(model: ModelSpec, { models, defaultNumCtx }: ChatContext): JsonObject {
  return {
    id: model.name,
    aliases: [listedName(model)],
    object: 'model',
    ...(models.length > 1 && { status: { value: 'loaded' } }),
    owned_by: 'llamacpp',
    meta: {
      n_ctx: defaultNumCtx,
      n_ctx_train: model.contextLength,
      n_params: 8_190_735_360,
      size: sizeOf(model),
    },
  };
}
