/**
 * What can go wrong between us and a server of models, sorted by what to do about it.
 *
 * Every failure of a request is a ModelError, except an abort by our own signal. Only this file decides the
 * `remedy`, from the status and the server's text. The texts are those of Ollama 0.32 and later, and of the servers that
 * speak OpenAI's chat API.
 */

import { isCloudName } from '../text/cloud-name.ts';
import { failureOf, type Place, viaProxy } from './failures.ts';
import type { EnvProxy } from './proxy.ts';
import type { Remedy } from './remedy.ts';
import { OLLAMA_WORDS, type ServerWords } from './server-words.ts';

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly remedy: Remedy;
  readonly status: number | undefined;
  /** With `retry_with_note`: what to tell the model. */
  readonly note: string | undefined;
  /** With `wait`: what the server asks for. */
  readonly retryAfterMs: number | undefined;
  /** With `compact`: the window of the server, in tokens, if it says so. */
  readonly window: number | undefined;
  /** Of the server, if it is not Ollama. */
  readonly words: ServerWords | undefined;
  /** What came was no JSON at all. */
  readonly isNotJson: boolean;
  /** The same in a list of servers, without the address and without what to do; absent: `message`. */
  readonly brief: string | undefined;

  constructor(
    message: string,
    remedy: Remedy,
    details: {
      status?: number;
      note?: string;
      retryAfterMs?: number | undefined;
      window?: number | undefined;
      words?: ServerWords;
      isNotJson?: boolean;
      brief?: string | undefined;
    } = {},
  ) {
    super(message);
    this.remedy = remedy;
    this.status = details.status;
    this.note = details.note;
    this.retryAfterMs = details.retryAfterMs;
    this.window = details.window;
    this.words = details.words;
    this.isNotJson = details.isNotJson ?? false;
    this.brief = details.brief;
  }
}

/** What the server's parsers say about a malformed tool call: the model's fault, not the server's. */
const BAD_TOOL_CALL =
  /^EOF$|failed to parse|invalid character|XML syntax|mismatched arg_key|unexpected (?:end|EOF)|tool '.*' not found|error parsing tool call|incomplete GLM|Laguna/i;

/** In all of Ollama's wordings, and those of the libraries below it. A runner that was killed was killed for its memory. */
const OUT_OF_MEMORY = new RegExp(
  [
    '(?:requires|needs) more (?:\\w+ )?(?:memory|vram)',
    'out[- ]of[- ](?:\\w+ )?memory|OutOf(?:Device|Host)Memory|ErrorOutOfMemory|OutOfMemoryError',
    '(?:not enough|insufficient|no) (?:\\w+ )?(?:memory|vram)\\b',
    '(?:cannot|could not|unable to|failed to) (?:be )?alloc|alloc\\w* (?:\\w+ )?failed|cannot be allocated',
    'attempting to allocate|(?:cuda|hip|sycl_?)Malloc\\w* failed|bad_alloc',
    'failed to create (?:llama )?context|unable to (?:fit|load) (?:\\w+ )?model on GPU',
    'model failed to load, this may be due to resource limitations',
    'signal: (?:killed|9)\\b|exit status 137\\b',
  ].join('|'),
  'i',
);
const BAD_IMAGE =
  /^(?:png|jpe?g|gif|webp|bmp|tiff): |(?:MIME|media) type|mtmd|(?:encode|preprocess) (?:an? )?(?:image|audio)|failed to (?:load|decode|process) (?:an? )?(?:image|audio|inputs?: image)|image: unknown format|(?:invalid|unsupported|illegal|corrupt\w*) (?:\w+ )?image|illegal base64|image\w* (?:could not|cannot) be|missing (?:vision|image) (?:support|data)|missing data required for image|does not support (?:image|vision|multimodal)|(?:image|audio) input is not supported|multimodal data provided/i;
const CRASHED =
  /process has terminated|runner (?:process )?(?:is )?no longer running|terminated: |exit status \d|signal: /i;
/** The runner died while it answered: the server starts another one. */
const RUNNER_GONE = /error was encountered while running the model|runner has unexpectedly stopped/i;
/** llama.cpp's server, until it has read the weights. */
const LOADING = /^loading model/i;
const TOO_SLOW = /timed out waiting for .*(?:to start|to load)/i;
const PAGE = /<(?:!doctype|html|head|body|title|center|h[1-6]|div|p|hr)\b|^\s*<(?:\?xml|\w+[^<>]*>)/i;
const MOST_TEXT = 300;

/** Stands for the status of an error that came within an answer. */
const IN_ANSWER = 200;

/** LM Studio. */
const OVERFLOW_KEPT = /n_keep: (\d+) *>= *n_ctx: (\d+)/;
const OVERFLOW_NUMBERS = /n_prompt_tokens\\?":\s*(\d+).*?n_ctx\\?":\s*(\d+)/s;
const OVERFLOW_WORDS = /\((\d+) tokens\) exceeds .*? \((\d+) tokens\)/;
/** vLLM, SGLang; LM Studio. */
const OVERFLOW_MOST = /(?:maximum context length is|context length of(?: only)?|context length \() ?(\d+)/i;
const OVERFLOW_TEXT =
  /prompt is longer than the context length|exceeds the available context size|(?:prompt|tokens)\b.* is greater than the context length/i;

/** What came with an error status. */
export interface HttpAnswer {
  readonly status: number;
  /** The server's `error` text, or the body. */
  readonly text: string;
  /** The request's model; empty if it is not about one. */
  readonly model: string;
  /** Without credentials. */
  readonly host: string;
  /** The header of a redirect. */
  readonly location?: string;
  readonly retryAfterMs?: number;
  /** Ollama's, with a 401 for a cloud model. */
  readonly signinUrl?: string;
  /** A key was sent. */
  readonly hasKey?: boolean;
  /** The server has answered another request. */
  readonly isKnown?: boolean;
  /** The answer may be that of this proxy. */
  readonly proxy?: EnvProxy | undefined;
  /** Absent: those of Ollama. */
  readonly words?: ServerWords | undefined;
}

type Answered = HttpAnswer & { readonly words: ServerWords };

/** The status and the text decide; the first that fits. */
const ANSWERS: readonly {
  readonly status: (status: number) => boolean;
  readonly text?: RegExp;
  readonly remedy: Remedy;
  readonly say: (answer: Answered) => string;
}[] = [
  {
    status: (status) => status >= 300 && status < 400,
    remedy: 'fail',
    say: redirectText,
  },
  {
    status: (status) => status === 401,
    remedy: 'fail',
    say: ({ host, model, signinUrl, hasKey, words }) => {
      if (signinUrl !== undefined || (isCloudName(model) && isOllama(words)))
        return `${model || 'this model'} runs in Ollama's cloud, which does not know you: run \`ollama signin\``;
      return hasKey
        ? `${host} refuses the key that it got (401): check ${words.headers}`
        : `${host} wants a key (401): ${words.key}`;
    },
  },
  {
    status: (status) => status === 403,
    remedy: 'fail',
    say: ({ host, text }) => `${host} does not allow this (403): ${readable(text)}`,
  },
  {
    status: (status) => status === 407,
    remedy: 'fail',
    say: () =>
      'the proxy wants a password (407): put it into HTTP_PROXY or HTTPS_PROXY, or the host into NO_PROXY',
  },
  {
    status: (status) => status === 413,
    remedy: 'fail',
    say: ({ host }) => `a proxy before ${host} does not take requests of this size (413): raise its limit`,
  },
  { status: () => true, text: OUT_OF_MEMORY, remedy: 'smaller_window', say: ({ text }) => memoryText(text) },
  {
    status: () => true,
    text: BAD_IMAGE,
    remedy: 'drop_image',
    say: ({ text }) => `the server cannot read an image (${readable(text)})`,
  },
  {
    status: (status) => status >= 500 || status === IN_ANSWER,
    text: RUNNER_GONE,
    remedy: 'retry',
    say: ({ text, model, words }) =>
      `${words.name}'s runner of ${model || 'the model'} ended in mid-answer (${readable(text)})`,
  },
  {
    status: (status) => status >= 500,
    text: CRASHED,
    remedy: 'fail',
    say: crashText,
  },
  {
    status: (status) => status >= 500,
    text: TOO_SLOW,
    remedy: 'fail',
    say: ({ text, model, words }) =>
      `${words.name} gave up loading ${model || 'the model'} (${readable(text)}): ${words.slowLoad}`,
  },
  {
    status: (status) => status === 404,
    text: /page not found|file not found|unexpected endpoint|<html/i,
    remedy: 'fail',
    say: notOllama,
  },
  {
    status: (status) => status === 404,
    text: /not found/i,
    remedy: 'fail',
    say: (answer) =>
      answer.model === ''
        ? notOllama(answer)
        : `model '${answer.model}' is not installed. ${answer.words.get.replace('{model}', () => answer.model)}`,
  },
  {
    status: () => true,
    text: /does not support tools/i,
    remedy: 'fail',
    say: ({ model }) => `${model} cannot call tools, so it cannot work as an agent`,
  },
  {
    status: (status) => status === IN_ANSWER,
    remedy: 'retry',
    say: ({ text }) => `the model stopped with an error: ${readable(text)}`,
  },
  {
    // From 520 on: Cloudflare's, before a server that is away.
    status: (status) => [429, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530].includes(status),
    remedy: 'wait',
    say: ({ status, text, words }) => `${words.name} is busy or starting (${status}): ${readable(text)}`,
  },
  // 501: this model cannot do it at all.
  {
    status: (status) => status === 408 || (status >= 500 && status !== 501),
    remedy: 'retry',
    say: ({ status, text, words }) => `${words.name} answered ${status}: ${readable(text)}`,
  },
  {
    status: () => true,
    remedy: 'fail',
    say: ({ status, text, words }) => `${words.name} refused the request (${status}): ${readable(text)}`,
  },
];

/** Classifies an answer with an error status. */
export function httpError(answer: HttpAnswer): ModelError {
  return classified(answer, { status: answer.status, retryAfterMs: answer.retryAfterMs });
}

/** An `{"error": …}` line in a chat that had begun: the same texts, without a status. */
export function streamError(text: string, model = '', words = OLLAMA_WORDS): ModelError {
  return classified({ status: IN_ANSWER, text, model, host: '', words }, {});
}

function classified(
  given: HttpAnswer,
  known: { readonly status?: number; readonly retryAfterMs?: number | undefined },
): ModelError {
  const answer = { ...given, words: given.words ?? OLLAMA_WORDS };
  const { status, text, retryAfterMs, isKnown = true } = answer;
  const details = { ...known, words: answer.words };
  const overflow = contextOverflow(text);
  if (overflow !== undefined) return new ModelError(overflow.message, 'compact', { ...details, ...overflow });
  const found = ANSWERS.find((one) => one.status(status) && (one.text?.test(text) ?? true));
  const isModels = (status >= 500 || status === IN_ANSWER) && BAD_TOOL_CALL.test(text);
  if (isModels && !found?.text) return badToolCall(text, details.status);
  const remedy = found?.remedy ?? 'fail';
  const message = `${found?.say(answer) ?? `${answer.words.name} answered ${status}`}${status === 407 ? '' : viaProxy(answer.host, answer.proxy)}`;
  // Whoever has never answered a question, asks for no time and is not loading a model is not waited for.
  const isUnknown = !isKnown && retryAfterMs === undefined && !LOADING.test(text);
  return new ModelError(message, remedy === 'wait' && isUnknown ? 'retry' : remedy, details);
}

function isOllama({ name }: ServerWords): boolean {
  return name === OLLAMA_WORDS.name;
}

function notOllama({ host, words }: Answered): string {
  if (!isOllama(words))
    return `the server at ${host} does not know this request: check ${words.address}. Does it speak OpenAI's chat API below that address?`;
  const path = URL.canParse(host) ? new URL(host).pathname.replace(/\/$/, '') : '';
  const question = `is ${words.address} the address of an Ollama server`;
  return `the server at ${host} does not know this request; ${question}${path === '' ? ', without /api or /v1?' : `? Try it without ${path}`}`;
}

/** Where the questions of each API begin in an address. */
const OLLAMA_ENDPOINT = /\/+api\/+(?=\w+$)/;
const OTHER_ENDPOINT = /\/+(?=v\d+\/+(?:models|embeddings|chat\/completions)$)/;

/** An endpoint that has moved; any other place is a sign-in or another program. */
function redirectText({ status, host, location = '', words }: Answered): string {
  const target = location !== '' && URL.canParse(location, host) ? new URL(location, host) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    return `${host} answers with a redirect (${status}) to nowhere: check ${words.address}`;
  }
  const [base, endpoint] = `${target.origin}${target.pathname}`.split(
    isOllama(words) ? OLLAMA_ENDPOINT : OTHER_ENDPOINT,
  );
  const place = readable(base ?? '').replace(/\/+$/, '');
  if (endpoint === undefined) {
    return `${host} redirects to ${place} (${status}): is it ${isOllama(words) ? 'an Ollama server' : words.name}? Check ${words.address}, or sign in where a proxy asks for it`;
  }
  return place === origin(host)
    ? `${host} redirects to itself (${status}): check ${words.address}`
    : `${host} redirects to ${place} (${status}): set ${words.address} to that`;
}

/** In the form that a URL has: without the usual port. */
function origin(host: string): string {
  const { origin: server, pathname } = new URL(host);
  return `${server}${pathname}`.replace(/\/+$/, '');
}

/** A text from outside on one line. Of a page of a proxy only the title. */
function readable(text: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1] ?? 'a page instead of an answer';
  return (PAGE.test(text) ? title : text).replace(/\s+/g, ' ').trim().slice(0, MOST_TEXT);
}

function memoryText(text: string): string {
  return `the model does not fit into memory with this window (${readable(text)})`;
}

/** The runner died while it loaded the model: the same load would die again. */
function crashText({ text, model, words }: Answered): string {
  return `${words.name}'s runner crashed while loading ${model || 'the model'} (${readable(text)}). Look at the server's log; update ${words.name}, get the model again, or use another one`;
}

/** A line, or a whole answer, that is no JSON object. @param unknownHost it has not answered as such a server does yet. */
export function notJson(
  text: string,
  path: string,
  unknownHost?: string,
  words: ServerWords = OLLAMA_WORDS,
): ModelError {
  if (!PAGE.test(text)) {
    const shown = JSON.stringify(text.slice(0, 80));
    return new ModelError(`${path} sent something that is not JSON: ${shown}`, 'retry', {
      isNotJson: true,
    });
  }
  if (unknownHost === undefined) {
    return new ModelError(`${path} sent a page of a proxy instead of JSON (${readable(text)})`, 'retry', {
      isNotJson: true,
    });
  }
  const cure = `check ${words.address}, or sign in where a proxy or this network asks for it`;
  return new ModelError(
    `what answers at ${unknownHost} is not ${words.name} (${readable(text)}): ${cure}`,
    'fail',
  );
}

/** @param limit bytes. */
export function tooLongAnswer(path: string, what: string, limit: number): ModelError {
  const text = `${path} sent ${what} of more than ${limit / 2 ** 20} MiB, which no model does: look at the server and at what is between`;
  return new ModelError(text, 'fail');
}

/** A chat whose stream ended before the last chunk. */
export function cutStream(): ModelError {
  return new ModelError('the model stopped in mid-answer: the stream ended without its last chunk', 'retry');
}

/** An `{"error": …}` line of a pull. */
export function pullError(name: string, text: string): ModelError {
  return /file does not exist|not found/i.test(text)
    ? new ModelError(`Ollama's library has no model ${name}; see https://ollama.com/search`, 'fail')
    : new ModelError(`${name} could not be pulled: ${text}`, 'fail');
}

/** A pull whose stream ended before `success`. */
export function cutPull(name: string): ModelError {
  return new ModelError(`the download of ${name} was interrupted. Start it again to resume it`, 'fail');
}

/** A socket error. */
export function connectionError(error: NodeJS.ErrnoException, place: Place): ModelError {
  const { message, remedy, brief } = failureOf(error, place);
  return new ModelError(message, remedy, { brief });
}

/** The answer had neither text nor a call: the server dropped a broken call, or the model said nothing. */
export function emptyTurn(thought: boolean): ModelError {
  return thought
    ? new ModelError('the model only thought and did not answer', 'retry_with_note', { note: 'thought_only' })
    : new ModelError('the model gave an empty answer', 'retry_with_note', { note: 'empty' });
}

/** The token limit, or a repetition, ended an answer that is useless without its end. */
export function cutAnswer(): ModelError {
  return new ModelError('the answer was cut off', 'retry_with_note', { note: 'cut' });
}

/** The server does not accept a JSON schema for the answer, or not this one. */
export function isFormatRefusal(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.status === undefined) return false;
  return (
    (error.status === 400 && error.remedy === 'fail') || /grammar|schema|invalid format/i.test(error.message)
  );
}

/** The model wrote a call as text that not even repair.ts can read. */
export function unreadableCall(): ModelError {
  return badToolCall('it is neither a tool call nor plain text', undefined);
}

function badToolCall(text: string, status: number | undefined): ModelError {
  const details = status === undefined ? {} : { status };
  return new ModelError(`the model wrote a broken tool call: ${text}`, 'retry_with_note', {
    ...details,
    note: text,
  });
}

/** What a server says of a prompt that is too long; undefined: it is about something else. */
function contextOverflow(text: string): { readonly message: string; readonly window?: number } | undefined {
  const cure = 'Start a new session, or raise `model_context_window`';
  const numbers = OVERFLOW_NUMBERS.exec(text) ?? OVERFLOW_WORDS.exec(text) ?? OVERFLOW_KEPT.exec(text);
  if (numbers) {
    const [, tokens, window] = numbers;
    const message = `the conversation has ${tokens} tokens and the context window holds ${window}. ${cure}`;
    return { message, window: Number(window) };
  }
  const most = Number(OVERFLOW_MOST.exec(text)?.[1]);
  if (most > 0) {
    const message = `the conversation and its answer are longer than the context window, which holds ${most} tokens. ${cure}`;
    return { message, window: most };
  }
  return OVERFLOW_TEXT.test(text)
    ? { message: `the conversation is longer than the context window. ${cure}` }
    : undefined;
}
