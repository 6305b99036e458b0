/** What takes messages to a server and brings its own back: pipes or HTTP. */
import type { JsonObject } from '../../protocol.ts';

export type Outgoing = JsonObject & { readonly jsonrpc: '2.0' };

export interface Carrier {
  /**
   * Sends a message. Resolves to true if the answer, should none have come, will never come. Rejects with an McpError if it cannot be
   * delivered, or the reason of the signal, whose abort gives up waiting for the answer.
   */
  readonly carry: (message: Outgoing, signal: AbortSignal) => Promise<boolean>;
}
