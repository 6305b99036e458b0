/** `oagent acp`: the agent for an editor, by the Agent Client Protocol on stdin and stdout. */

import { Readable, Writable } from 'node:stream';
import { ndJsonStream } from '@agentclientprotocol/sdk';
import { serveAcp } from '../../acp/server.ts';
import type { SessionFlags } from '../../session/flags.ts';
import { VERSION } from '../../session/version.ts';
import { ENDING_SIGNALS } from '../../system/ending-signals.ts';

/** Of one message: a prompt may hold images. */
const MESSAGE_BYTES = 128 * 1024 * 1024;

/** Ends with its stdin, its reader or a signal; then nothing of it runs any more. @returns the exit code. */
export async function acpCommand(flags: SessionFlags): Promise<number> {
  const { stdin, stdout } = process;
  // Whoever reads is gone: that is an end like any other, with sessions to close.
  stdout.removeAllListeners('error').on('error', () => server.end());
  const output = Writable.toWeb(stdout) as WritableStream<Uint8Array>;
  const input = Readable.toWeb(stdin) as ReadableStream<Uint8Array>;
  const server = serveAcp({
    stream: ndJsonStream(output, input, { maxMessageBytes: MESSAGE_BYTES }),
    version: VERSION,
    flags,
    texts: async () => {
      const { initPrompt } = await import('../interactive/session-prompts.ts');
      return { init: initPrompt() };
    },
  });
  for (const signal of ENDING_SIGNALS) process.once(signal, () => server.end());
  await server.ended;
  return 0;
}
