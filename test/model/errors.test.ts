import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectionError, httpError, ModelError, streamError } from '../../src/model/errors.ts';
import { anyText } from '../support/any-text.ts';

const OVERFLOW =
  '{"error":{"code":400,"message":"request (1508 tokens) exceeds the available context size (512 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":1508,"n_ctx":512}}';

test.each([
  [400, OVERFLOW, 'compact', /1508 tokens.*holds 512/],
  [
    400,
    "input length (9000 tokens) exceeds the model's maximum context length (8192 tokens)",
    'compact',
    /9000.*8192/,
  ],
  [
    400,
    'the prompt is longer than the context length currently available to the model; shorten the prompt',
    'compact',
    /longer/,
  ],
  [404, "model 'nope:latest' not found", 'fail', /`ollama pull qwen3`/],
  [400, 'registry.ollama.ai/library/notools:latest does not support tools', 'fail', /cannot call tools/],
  [
    500,
    "failed to parse JSON: invalid character 'a' looking for beginning of value",
    'retry_with_note',
    /broken tool call/,
  ],
  [500, 'EOF', 'retry_with_note', /broken tool call/],
  [
    500,
    "error parsing tool call: raw='{', err=unexpected end of JSON input",
    'retry_with_note',
    /broken tool call/,
  ],
  [
    500,
    'llama-server process has terminated: exit status 1',
    'fail',
    /runner crashed while loading qwen3.*exit status 1.*log/,
  ],
  [500, 'llama-server process has terminated: signal: illegal instruction', 'fail', /crashed.*illegal/],
  [
    500,
    'model runner has unexpectedly stopped, this may be due to resource limitations',
    'retry',
    /runner of qwen3 ended in mid-answer/,
  ],
  [
    500,
    'an error was encountered while running the model: unexpected EOF',
    'retry',
    /runner of qwen3 ended in mid-answer .an error was encountered while running the model: unexpected EOF.$/,
  ],
  [
    500,
    'model requires more system memory (18.2 GiB) than is available (7.8 GiB)',
    'smaller_window',
    /18.2 GiB/,
  ],
  [
    500,
    'llama-server reported out-of-memory during startup: cudaMalloc failed',
    'smaller_window',
    /cudaMalloc/,
  ],
  [500, 'llama-server process has terminated: signal: killed', 'smaller_window', /killed/],
  [400, 'Failed to load image or audio file', 'drop_image', /cannot read an image/],
  [
    500,
    'Failed to create new sequence: failed to process inputs: image: unknown format',
    'drop_image',
    /image/,
  ],
  [400, 'Multimodal data provided, but model does not support multimodal requests', 'drop_image', /image/],
  [500, 'image input is not supported - hint: you may need to provide the mmproj', 'drop_image', /image/],
  [500, 'this model is missing data required for image input', 'drop_image', /image/],
  [500, 'png: invalid format: not enough pixel data', 'drop_image', /image/],
  [500, 'unsupported MIME type', 'drop_image', /image/],
  [500, 'mtmd: failed to encode image slice', 'drop_image', /image/],
  [
    500,
    'timed out waiting for llama-server to start - progress 0.00',
    'fail',
    /gave up loading qwen3.*OLLAMA_LOAD_TIMEOUT/,
  ],
  [503, 'server busy, please try again.  maximum pending requests exceeded', 'wait', /busy or starting .503/],
  [429, 'too many concurrent requests', 'wait', /429/],
  [530, 'error code: 1033', 'wait', /530/],
  [
    400,
    'request (1508 tokens) exceeds the available context size (512 tokens), try increasing it',
    'compact',
    /1508 tokens.*holds 512/,
  ],
  [
    502,
    '<html><head><title>502 Bad Gateway</title></head></html>',
    'wait',
    /^Ollama is busy or starting .502.: 502 Bad Gateway$/,
  ],
  [404, '<html><title>404 Not Found</title></html>', 'fail', /does not know this request/],
  [413, '<html><title>x</title></html>', 'fail', /does not take requests of this size/],
  [407, '', 'fail', /proxy wants a password/],
  [301, '<html>', 'fail', /redirect .301. to nowhere/],
  [400, 'invalid model name', 'fail', /refused.*invalid model name/],
  [401, 'unauthorized', 'fail', /^http:..gpu wants a key .401.: set OLLAMA_API_KEY/],
] as const)('%i %s', (status, text, remedy, message) => {
  const error = httpError({ status, text, model: 'qwen3', host: 'http://gpu' });
  expect(error).toBeInstanceOf(ModelError);
  expect({ remedy: error.remedy, status: error.status }).toEqual({ remedy, status });
  expect(error.message).toMatch(message);
});

test.each([
  'model requires more GPU memory than is available',
  'model failed to load, this may be due to resource limitations or an internal error, check ollama server logs for details',
  'memory layout cannot be allocated with num_gpu = 33',
  'llama-server process has terminated: signal: 9',
  'llama-server process has terminated: exit status 137',
  'error loading llama server: failed to create context with model',
  'vk::Device::allocateMemory: ErrorOutOfHostMemory',
  'std::bad_alloc',
  'not enough VRAM to load the model',
  '[metal::malloc] Attempting to allocate 40 GB which is greater than the maximum allowed buffer size',
  'fork/exec /usr/bin/llama-server: cannot allocate memory',
  'unable to load full model on GPU',
])('does not fit into memory: %s', (text) => {
  expect(httpError({ status: 500, text, model: 'm', host: 'http://gpu' }).remedy).toBe('smaller_window');
});

test.each([
  '<center><h1>502 Bad Gateway</h1></center><hr>',
  '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
  '<HTML><BODY>Blocked by the filter</BODY></HTML>',
  '\n<p>Try again later</p>',
])('a page is not printed: %s', (text) => {
  expect(httpError({ status: 500, text, model: 'm', host: 'http://gpu' }).message).toBe(
    'Ollama answered 500: a page instead of an answer',
  );
});

test('a server that does not know a request without a model is not Ollama', () => {
  expect(httpError({ status: 404, text: 'Not Found', model: '', host: 'http://gpu' }).message).toBe(
    'the server at http://gpu does not know this request; is OLLAMA_HOST the address of an Ollama server, without /api or /v1?',
  );
});

test("an error line in a stream is the parser's, the window's or the server's", () => {
  expect([
    streamError('XML syntax error on line 3: unexpected EOF').remedy,
    streamError(OVERFLOW).remedy,
    streamError('llama-server chat error: map[code:500 message:out of memory type:server_error]').remedy,
    streamError('Failed to load image or audio file').remedy,
    streamError('x does not support tools', 'qwen3').message,
    streamError('boom').message,
    streamError('llama-server process has terminated: exit status 2').remedy,
  ]).toEqual([
    'retry_with_note',
    'compact',
    'smaller_window',
    'drop_image',
    'qwen3 cannot call tools, so it cannot work as an agent',
    'the model stopped with an error: boom',
    'retry',
  ]);
});

test('a server that has not answered yet is waited for only if it asks for that', () => {
  const busy = { status: 429, text: 'slow', model: 'm', host: 'http://gpu', isKnown: false };
  expect([httpError(busy).remedy, httpError({ ...busy, retryAfterMs: 0 }).remedy]).toEqual(['retry', 'wait']);
});

test('a server that is not there fails at once with the cure; a lost connection is worth another try', () => {
  const coded = (code: string): NodeJS.ErrnoException => Object.assign(new Error('x'), { code });
  const refused = connectionError(new AggregateError([coded('ECONNREFUSED')]), {
    host: 'http://localhost:11434',
  });
  expect([refused.remedy, refused.message]).toEqual([
    'fail',
    'no Ollama server at http://localhost:11434 (ECONNREFUSED): start it with `ollama serve`, or set OLLAMA_HOST',
  ]);
  expect(connectionError(coded('ECONNRESET'), { host: 'h' }).remedy).toBe('retry');
  expect(connectionError(coded('ENOTFOUND'), { host: 'h' }).remedy).toBe('fail');
  expect(connectionError(coded('ECONNREFUSED'), { host: 'h', isKnown: true }).remedy).toBe('wait');
});

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /not known here.*NODE_EXTRA_CA_CERTS/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /NODE_EXTRA_CA_CERTS/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /NODE_EXTRA_CA_CERTS/],
  ['CERT_HAS_EXPIRED', /not valid today.*renew/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name/],
  ['EPROTO', /does not answer in TLS.*http:/],
  ['HPE_INVALID_CONSTANT', /does not speak HTTP.*https:/],
  ['ERR_INVALID_CHAR', /OLLAMA_API_KEY/],
  ['EMFILE', /ulimit/],
  ['ESOMETHING', /cannot be used .x, ESOMETHING.; check OLLAMA_HOST/],
])('%s is told with its cure, and not tried again', (code, message) => {
  const error = connectionError(Object.assign(new Error('x'), { code }), {
    host: 'https://gpu',
    isKnown: true,
  });
  expect(error.remedy).toBe('fail');
  expect(error.message).toMatch(message);
});

test('a model of the cloud needs an account there, and a redirect names its address', () => {
  const cloud = { status: 401, text: 'unauthorized', model: 'big:cloud', host: 'http://gpu' };
  expect(httpError(cloud).message).toMatch(/`ollama signin`/);
  expect(httpError({ ...cloud, model: 'm', signinUrl: 'https://x' }).message).toMatch(/`ollama signin`/);
  const moved = {
    status: 301,
    text: '',
    model: '',
    host: 'http://gpu',
    location: 'https://gpu.lan/api/version',
  };
  expect(httpError(moved).message).toBe(
    'http://gpu redirects to https://gpu.lan (301): set OLLAMA_HOST to that',
  );
});

test('a redirect is shown without its credentials and without its query', () => {
  const moved = { status: 302, text: '', model: '', host: 'http://gpu' };
  expect(httpError({ ...moved, location: 'https://me:p@ss@login.lan/x/api/tags?token=t#f' }).message).toBe(
    'http://gpu redirects to https://login.lan/x (302): set OLLAMA_HOST to that',
  );
});

test.each([
  ['/api/chat', 'redirects to itself (307): check OLLAMA_HOST'],
  ['//gpu:80/api/chat', 'redirects to itself (307): check OLLAMA_HOST'],
  ['//box/api/chat', 'redirects to http://box (307): set OLLAMA_HOST to that'],
  ['/ollama/api/chat', 'redirects to http://gpu/ollama (307): set OLLAMA_HOST to that'],
  [
    'https://login.lan/oauth?token=secret',
    'redirects to https://login.lan/oauth (307): is it an Ollama server? Check OLLAMA_HOST, or sign in where a proxy asks for it',
  ],
  ['javascript:alert(1)', 'answers with a redirect (307) to nowhere: check OLLAMA_HOST'],
  ['http://[bad', 'answers with a redirect (307) to nowhere: check OLLAMA_HOST'],
])('a redirect to %s', (location, told) => {
  const { message } = httpError({ status: 307, text: '', model: '', host: 'http://gpu:80', location });
  expect(message).toBe(`http://gpu:80 ${told}`);
});

test('the part of an address that may be wrong is named', () => {
  const { message } = httpError({ status: 404, text: 'Not Found', model: '', host: 'http://gpu:1/chat' });
  expect(message).toMatch(/is OLLAMA_HOST the address of an Ollama server\? Try it without \/chat$/);
});

test('of a proxy it is said what it is, and how to go around it', () => {
  const proxy = { variable: 'HTTP_PROXY', url: 'http://me:secret@p.lan:1/', shown: 'http://p.lan:1' };
  const place = { host: 'http://gpu.lan:1', proxy };
  const coded = (code: string, message = 'secret'): NodeJS.ErrnoException =>
    Object.assign(new Error(message), { code });
  const tunnel = 'Failed to establish tunnel to gpu.lan:1 via http://p.lan:1: HTTP/1.1 403 No';
  const answer = { status: 502, text: '<html>', model: 'm', host: 'http://gpu.lan:1', isKnown: false, proxy };
  expect([
    connectionError(coded('ECONNREFUSED'), place).message,
    connectionError(coded('ERR_PROXY_TUNNEL', tunnel), place).message,
    connectionError(coded('ERR_PROXY_INVALID_CONFIG'), place).message,
    httpError(answer).message,
    connectionError(coded('ECONNRESET'), place).message,
  ]).toEqual([
    'the proxy http://p.lan:1 of HTTP_PROXY does not answer (ECONNREFUSED): check it, or put gpu.lan into NO_PROXY',
    'the proxy http://p.lan:1 of HTTP_PROXY does not let oagent through to http://gpu.lan:1 (403): put gpu.lan into NO_PROXY',
    'HTTP_PROXY is not the address of an HTTP proxy: correct it, or put gpu.lan into NO_PROXY',
    'Ollama is busy or starting (502): a page instead of an answer. It came by way of HTTP_PROXY (http://p.lan:1); to go around that, put gpu.lan into NO_PROXY',
    'the connection to Ollama was lost (ECONNRESET). It came by way of HTTP_PROXY (http://p.lan:1); to go around that, put gpu.lan into NO_PROXY',
  ]);
});

test('a machine that is off is not tried for minutes; a connection closed at once means a server that is away', () => {
  const coded = (code: string): NodeJS.ErrnoException =>
    Object.assign(new Error('x'), { code, syscall: 'connect' });
  const off = new AggregateError([coded('ETIMEDOUT')]);
  const remedies = (error: Error, more = {}): string[] =>
    [false, true].map((isKnown) => connectionError(error, { host: 'h', isKnown, ...more }).remedy);
  expect([
    remedies(coded('ETIMEDOUT')),
    remedies(off),
    remedies(Object.assign(coded('ETIMEDOUT'), { syscall: 'read' })),
    remedies(coded('ECONNRESET'), { isClosedAtOnce: true }),
    remedies(coded('ECONNRESET')),
  ]).toEqual([
    ['fail', 'wait'],
    ['fail', 'wait'],
    ['retry', 'retry'],
    ['retry', 'wait'],
    ['retry', 'retry'],
  ]);
});

test('whatever code a connection fails with, there is one line that says what to do', () => {
  const known = fc.constantFrom('ECONNREFUSED', 'CERT_HAS_EXPIRED', 'ERR_PROXY_TUNNEL', 'HPE_X', 'ERR_X');
  fc.assert(
    fc.property(fc.oneof(known, fc.string()), fc.boolean(), (code, isKnown) => {
      const error = Object.assign(new Error('why'), { code });
      expect(connectionError(error, { host: 'http://gpu', isKnown }).message).toMatch(/\w.*:? .*\w/);
    }),
  );
});

test('whatever a server answers, the error has one line, no page and something to say', () => {
  const page = fc.constantFrom('<html>', '<!DOCTYPE html>', '<HTML><BODY>', '<html><title>T</title>');
  const text = fc.oneof(
    anyText(),
    fc.tuple(page, anyText()).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), text, fc.boolean(), (status, body, isKnown) => {
      const { message } = httpError({ status, text: body, model: 'm', host: 'http://gpu', isKnown });
      expect(message).toMatch(/\S/);
      expect(message).not.toMatch(/<html|<!doctype|<body/i);
    }),
  );
});
