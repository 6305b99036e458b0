/** Two calls that real weights wrote (qwen2.5-coder:1.5b on llama.cpp's server), as they were streamed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ModelError } from '../../../src/model/errors.ts';
import { chunksOf } from '../../../src/model/openai/chunks.ts';
import { readTurn } from '../../../src/model/stream.ts';

const RECORDED = readFileSync(path.join(import.meta.dirname, 'two-calls.sse'));

async function* inPiecesOf(size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < RECORDED.length; at += size) yield RECORDED.subarray(at, at + size);
}

test.each([1, 7, 64, 4096, RECORDED.length])('in pieces of %i bytes', async (size) => {
  const chunks = chunksOf(inPiecesOf(size), {
    onProgress: () => undefined,
    errorOf: (said) => new ModelError(said, 'retry'),
  });
  const turn = await readTurn(
    chunks,
    () => undefined,
    () => undefined,
  );
  expect(turn).toEqual({
    content: '',
    thinking: '',
    toolCalls: [
      {
        id: 'nxqHOIjXvpYt81jGvInq9zwyWvTMwWhr',
        function: { name: 'list_files', arguments: '{\n            "path": "src"\n        }' },
      },
      {
        id: 'P4OYImt607OaXFINlkrKKxhPc03H7wZ8',
        function: { name: 'list_files', arguments: '{\n            "path": "test"\n        }' },
      },
    ],
    doneReason: 'stop',
    promptTokens: 169,
    cachedTokens: 168,
    evalTokens: 63,
    loadMs: 0,
    promptEvalMs: 585.441,
    evalMs: 59647.661,
  });
});
