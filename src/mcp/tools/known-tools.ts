/** The tools of servers that can be called, and what a call may mean. */
import type { McpTool } from '../connection.ts';
import { meantBy, nearNames } from '../names.ts';
import { signatureOf } from '../schema/signature.ts';
import type { Server } from '../server.ts';

export interface KnownTool {
  readonly server: string;
  readonly tool: string;
  readonly of: Server;
  readonly what: McpTool;
}

const MOST_SHOWN = 5;
/** About 600 tokens, whatever the words are. */
const LIST_BYTES = 1_800;
const LINE_BYTES = 400;

export function knownTools(servers: readonly Server[]): KnownTool[] {
  return servers.flatMap((of) => of.tools.map((what) => ({ server: of.name, tool: what.name, of, what })));
}

/** The one tool that the names mean, or what the model should know. */
export function toolMeant(
  name: { readonly server: string; readonly tool: string },
  servers: readonly Server[],
): KnownTool | string {
  const known = knownTools(servers);
  const meant = meantBy(name, known);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  if (meant.length > 1) return `${name.tool} may be ${named(meant)}: name the server`;
  return unknownText(name, servers, known);
}

function unknownText(
  { server, tool }: { readonly server: string; readonly tool: string },
  servers: readonly Server[],
  known: readonly KnownTool[],
): string {
  const written = server === '' ? undefined : servers.find(({ name }) => name === server);
  if (server !== '' && written === undefined && !known.some((one) => one.server === server)) {
    const names = servers.map(({ name }) => name).join(', ');
    return `there is no server ${shown(server)}; there are ${names}`;
  }
  const within = written === undefined ? known : known.filter((one) => one.of === written);
  const near = nearNames(
    tool,
    within.map((one) => one.tool),
  ).flatMap((name) => within.filter((one) => one.tool === name));
  const hint =
    near.length > 0 ? `did you mean ${named(near)}?` : 'mcp_find with a few words finds what there is';
  const what = written === undefined ? 'no server has a tool' : `${written.name} has no tool`;
  return `${what} ${shown(tool)}: ${hint}`;
}

const named = (tools: readonly KnownTool[]): string =>
  tools
    .slice(0, MOST_SHOWN)
    .map(({ server, tool }) => `${server}.${tool}`)
    .join(', ');

const shown = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

/** The tools, best first, as many as fit; and how many others there are. */
export function listText(tools: readonly KnownTool[]): string {
  const lines: string[] = [];
  let bytes = 0;
  for (const { server, what } of tools) {
    const line = cut(signatureOf(server, what));
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > LIST_BYTES) break;
    lines.push(line);
  }
  const others = tools.length - lines.length;
  return others === 0
    ? lines.join('\n')
    : [...lines, `[${others} more fit: ask with other words]`].join('\n');
}

/** By bytes: words of other scripts take more tokens. */
function cut(line: string): string {
  const bytes = Buffer.from(line);
  return bytes.length <= LINE_BYTES
    ? line
    : `${bytes
        .subarray(0, LINE_BYTES - 3)
        .toString()
        .replace(/\ufffd+$/, '')}…`;
}
