import { expect, test } from 'vitest';
import { connectionError, httpError, ModelError, streamError } from '../../src/model/errors.ts';

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
  [500, 'llama-server process has terminated: exit status 1', 'retry', /500/],
  [503, 'server busy, please try again.  maximum pending requests exceeded', 'retry', /503/],
  [400, 'invalid model name', 'fail', /refused.*invalid model name/],
  [401, 'unauthorized', 'fail', /401/],
] as const)('%i %s', (status, text, remedy, message) => {
  const error = httpError(status, text, 'qwen3');
  expect(error).toBeInstanceOf(ModelError);
  expect({ remedy: error.remedy, status: error.status }).toEqual({ remedy, status });
  expect(error.message).toMatch(message);
});

test('who does not know a request that is about no model is no Ollama', () => {
  expect(httpError(404, 'Not Found', '').message).toBe(
    'the server does not know this request; is OLLAMA_HOST the address of an Ollama server?',
  );
});

test("an error line in a stream is the parser's, the window's or the server's", () => {
  expect([
    streamError('XML syntax error on line 3: unexpected EOF').remedy,
    streamError(OVERFLOW).remedy,
    streamError('llama-server chat error: map[code:500 message:out of memory type:server_error]').remedy,
  ]).toEqual(['retry_with_note', 'compact', 'retry']);
});

test('a server that is not there fails at once with the cure; a lost connection is worth another try', () => {
  const coded = (code: string): NodeJS.ErrnoException => Object.assign(new Error('x'), { code });
  const refused = connectionError(new AggregateError([coded('ECONNREFUSED')]), 'http://localhost:11434');
  expect([refused.remedy, refused.message]).toEqual([
    'fail',
    'no Ollama server at http://localhost:11434 (ECONNREFUSED): start it with `ollama serve`, or set OLLAMA_HOST',
  ]);
  expect(connectionError(coded('ECONNRESET'), 'h').remedy).toBe('retry');
  expect(connectionError(coded('ENOTFOUND'), 'h').remedy).toBe('fail');
});
