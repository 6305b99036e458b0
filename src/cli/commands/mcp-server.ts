/** `oagent mcp-server`: the index and the sandbox of this folder as tools for other agents, over stdin and stdout. */

import { McpServer } from '../../mcp/serve/mcp-server.ts';
import { openCodeIndex } from '../../session/code-index.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { servedTools } from '../../session/served-tools.ts';
import { VERSION } from '../../session/version.ts';
import { ENDING_SIGNALS } from '../../system/ending-signals.ts';
import { LineFraming, MESSAGE_LIMIT } from '../../text/line-framing.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';

/** How long the first search waits for an index that is still read. */
const PATIENCE_MS = 5_000;

/** Ends with its stdin, or a signal. @returns the exit code. */
export async function mcpServerCommand(plan: SessionPlan): Promise<number> {
  const warn = (line: string): void => void process.stderr.write(`oagent: ${sanitizeForTerminal(line)}\n`);
  for (const warning of plan.loaded.warnings) warn(warning);
  const index = await openCodeIndex(plan, { purpose: 'make', patienceMs: PATIENCE_MS });
  index?.start();
  const { tools, instructions, close } = servedTools(plan, index, warn);
  const server = new McpServer({
    version: VERSION,
    instructions,
    tools,
    send: (line) => void process.stdout.write(`${line}\n`),
  });
  await untilEnd(
    new LineFraming({
      onLine: (line) => server.take(line),
      onTooLong: () => server.refuseLong(MESSAGE_LIMIT),
      onTooLongEnd: () => undefined,
    }),
  );
  await server.close();
  await Promise.all([close(), index?.close()]);
  return 0;
}

function untilEnd(lines: LineFraming): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.on('data', (bytes: Buffer) => lines.push(bytes));
    process.stdin.on('end', () => {
      lines.end();
      resolve();
    });
    process.stdin.on('error', () => resolve());
    for (const signal of ENDING_SIGNALS) process.once(signal, () => resolve());
  });
}
