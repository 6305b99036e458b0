/** The `mcp_find` tool: names tools of the servers, with their parameters, so that none has to be declared. */
import description from '../../../prompts/tools/mcp_find.md?raw';
import type { ToolSchema } from '../../model/chat.ts';
import type { JsonObject } from '../../protocol.ts';
import { within } from '../../system/within.ts';
import { plural } from '../../text/digits.ts';
import { stringArgument } from '../../tools/arguments.ts';
import type { Tool, ToolResult } from '../../tools/tool.ts';
import { asToolCall } from '../../tools/tool-call-item.ts';
import { findTools } from '../find.ts';
import type { Server } from '../server.ts';
import { knownTools, listText } from './known-tools.ts';
import { shownStart } from './shown-start.ts';

const MCP_FIND = 'mcp_find';

/** How long servers are waited for that have never run. */
const PATIENCE_MS = 5_000;
const MOST_LISTED = 40;

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: MCP_FIND,
    description: description.trim(),
    parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
  },
};

export function createMcpFindTool(servers: readonly Server[], patienceMs = PATIENCE_MS): Tool {
  return {
    schema,
    isReadOnly: () => true,
    run: (args, ctx) =>
      asToolCall(MCP_FIND, args, ctx, (say) =>
        mcpFind(args, { signal: ctx.signal, say }, { servers, patienceMs }),
      ),
  };
}

async function mcpFind(
  args: JsonObject,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
  { servers, patienceMs }: { readonly servers: readonly Server[]; readonly patienceMs: number },
): Promise<ToolResult> {
  const usable = servers.filter(({ isOff }) => !isOff);
  const unknown = usable.filter(({ isKnown }) => !isKnown);
  const started = Promise.allSettled(unknown.map((server) => shownStart(server, signal, say)));
  if (unknown.length > 0) await within(started, patienceMs, signal);
  const tools = knownTools(usable);
  const found = findTools(
    stringArgument(args, 'query') ?? '',
    tools.map(({ server, what }) => ({ server, tool: what })),
  );
  const byTool = new Map(tools.map((tool) => [tool.what, tool]));
  const hits = found.map(({ tool }) => byTool.get(tool)).filter((tool) => tool !== undefined);
  const late = usable.filter(({ isKnown }) => !isKnown).map(lateLine);
  const list =
    hits.length === 0 ? ['Nothing fits. The servers are:', ...usable.map(serverLine)] : [listText(hits)];
  return { ok: true, text: [...list.slice(0, MOST_LISTED), ...late].join('\n'), bounded: true };
}

function serverLine({ name, tools, isKnown, manifest }: Server): string {
  const said = (manifest?.instructions ?? '').replace(/\s+/g, ' ').trim().slice(0, 100);
  const count = isKnown ? plural(tools.length, 'tool') : 'not known yet';
  return `${name}: ${count}${said === '' ? '' : ` - ${said}`}`;
}

function lateLine({ name, isStarting, info }: Server): string {
  if (isStarting) return `[${name} is still starting: ask again later]`;
  return `[${name} could not be started: ${info.lines[0] ?? 'no reason is known'}]`;
}
