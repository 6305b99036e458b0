/** The same agent, its tools, its repairs and its limits, over the wire of llama.cpp's server. */
import { describe } from 'vitest';
import { speak } from '../support/ollama-server.ts';

speak('llama.cpp');

describe('over the chat API of OpenAI', async () => {
  await import('./agent.test.ts');
  await import('./asking-again.test.ts');
  await import('./compaction-cases.test.ts');
  await import('./prefix.test.ts');
  await import('./turn-end.test.ts');
});
