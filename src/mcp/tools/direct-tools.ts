/**
 * Tools of servers that the user wants declared: from what is known of them when the session begins, and the same for all of
 * it, because a tool that came later would make the server read the whole prompt again.
 */
import type { Tool } from '../../tools/tool.ts';
import { declaredNames } from '../names.ts';
import { declaredSchema } from '../schema/declared.ts';
import type { Server } from '../server.ts';
import { type KnownTool, knownTools } from './known-tools.ts';
import { runCall, type ToolPermits } from './run-call.ts';

/** Less than any tokenizer needs for JSON. */
const BYTES_PER_TOKEN = 3;

/** @returns what is declared, sorted by name, and what the user should know about the others. */
export function directTools(
  servers: readonly Server[],
  permits: ToolPermits,
  mostTokens: number,
): { readonly tools: readonly Tool[]; readonly warnings: readonly string[] } {
  const wanted = servers.filter(({ isOff }) => !isOff).flatMap(wantedOf);
  const left: string[] = [];
  const tools: Tool[] = [];
  let bytes = mostTokens * BYTES_PER_TOKEN;
  for (const [name, found] of declaredNames(wanted)) {
    const schema = declaredSchema(name, found.what);
    const size = Buffer.byteLength(JSON.stringify(schema)) + 1;
    if (size > bytes) {
      left.push(`${found.server}.${found.tool}`);
      continue;
    }
    bytes -= size;
    tools.push({ schema, isReadOnly: () => false, run: (args, ctx) => runCall(found, args, ctx, permits) });
  }
  const tooMany =
    left.length === 0
      ? []
      : [
          `More tools are direct than fit into ${mostTokens} tokens (mcp.direct_tokens); these are found by mcp_find: ${left.join(', ')}`,
        ];
  return { tools, warnings: [...servers.flatMap(missingOf), ...tooMany] };
}

function wantedOf(server: Server): KnownTool[] {
  const { direct = [] } = server.entry.settings;
  return knownTools([server]).filter(({ tool }) => direct.includes(tool));
}

function missingOf(server: Server): string[] {
  const { direct = [] } = server.entry.settings;
  if (direct.length === 0 || server.isOff) return [];
  if (!server.isKnown)
    return [
      `The tools of the MCP server ${server.name} are not known yet, so none is direct in this session: once it has run they are`,
    ];
  const missing = direct.filter((name) => !server.tools.some((tool) => tool.name === name));
  if (missing.length === 0) return [];
  return [
    `The MCP server ${server.name} has no tool ${missing.join(', ')}, which mcp_servers.${server.name}.direct names`,
  ];
}
