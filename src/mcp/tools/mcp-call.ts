/** The `mcp_call` tool: calls any tool of any server, so that none has to be declared. */
import description from '../../../prompts/tools/mcp_call.md?raw';
import type { ToolSchema } from '../../model/chat.ts';
import { isObject } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import { plural } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { stringArgument } from '../../tools/arguments.ts';
import type { Tool, ToolContext, ToolResult } from '../../tools/tool.ts';
import { asToolCall, MCP_START, refusal } from '../../tools/tool-call-item.ts';
import { meantBy } from '../names.ts';
import type { Server } from '../server.ts';
import { knownTools, toolMeant } from './known-tools.ts';
import { runCall, type ToolPermits } from './run-call.ts';

const MCP_CALL = 'mcp_call';

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: MCP_CALL,
    description: description.trim(),
    parameters: {
      type: 'object',
      properties: {
        server: { type: 'string' },
        tool: { type: 'string' },
        arguments: { type: 'object' },
      },
      required: ['tool'],
    },
  },
};

export function createMcpCallTool(servers: readonly Server[], permits: ToolPermits): Tool {
  return {
    schema,
    isReadOnly: () => false,
    run: (args, ctx) => mcpCall(args, ctx, servers, permits),
    adopts: (name, args) => {
      const [only, ...others] = meantBy({ server: '', tool: name }, knownTools(servers));
      if (only === undefined || others.length > 0) return undefined;
      return { server: only.server, tool: only.tool, arguments: args };
    },
  };
}

async function mcpCall(
  args: JsonObject,
  ctx: ToolContext,
  servers: readonly Server[],
  permits: ToolPermits,
): Promise<ToolResult> {
  const server = stringArgument(args, 'server') ?? '';
  const tool = stringArgument(args, 'tool') ?? '';
  const named = { server, tool: tool.trim() };
  const unknown = serverToAsk(named, servers);
  if (unknown !== undefined) {
    const start = await startForCall(unknown, ctx);
    if (!start.ok) return start;
  }
  const found = toolMeant(named, servers);
  if (typeof found === 'string') return refusal(found);
  return runCall(found, isObject(args.arguments) ? args.arguments : {}, ctx, permits);
}

/** It is not known yet what will be called, so the start is shown for itself. Never rejects. */
function startForCall(server: Server, ctx: ToolContext): Promise<ToolResult> {
  return asToolCall(MCP_START, { server: server.name }, ctx, async (say) => {
    try {
      await server.started(ctx.signal, say);
      return { ok: true, text: plural(server.tools.length, 'tool') };
    } catch (error) {
      return refusal(ctx.signal.aborted ? 'aborted by user' : errorMessage(error));
    }
  });
}

/** The server whose tools have to be known first. */
function serverToAsk(
  { server, tool }: { readonly server: string; readonly tool: string },
  servers: readonly Server[],
): Server | undefined {
  const written = tool.replace(/^mcp__/, '');
  return servers.find(
    ({ name, isKnown, isOff }) =>
      !isKnown &&
      !isOff &&
      (name === server || written.startsWith(`${name}.`) || written.startsWith(`${name}__`)),
  );
}
