/** The lists of `/mcp`: all servers with their states, and one of them with its tools and what can be done. */
import type { McpServerInfo, McpState } from '../../protocol/extensions.ts';
import { plural } from '../../text/digits.ts';
import { firstSentence } from '../../text/first-sentence.ts';
import { shortPath } from '../lines/short-path.ts';
import { openPicker, type PickerItem, type PickerState } from './picker.ts';

export const START_MCP = 'start';
const NO_SERVERS = 'There are no MCP servers';
const HOW = 'oagent mcp add NAME -- COMMAND, or NAME URL, adds one.';

const STATES: Readonly<Record<McpState, string>> = {
  known: 'not started',
  starting: 'starting',
  running: 'running',
  failed: 'failed',
  off: 'off',
};

/** Of one that is started, it is started again by the next call. */
const STARTS: Readonly<Partial<Record<McpState, string>>> = { known: 'Start it', failed: 'Start it again' };

export function openMcp(servers: readonly McpServerInfo[]): PickerState {
  return openPicker({
    title: servers.length === 0 ? NO_SERVERS : 'MCP servers',
    note: servers.length === 0 ? HOW : undefined,
    items: servers.map(serverItem),
    cancelHint: 'esc close',
  });
}

export function serverItem(server: McpServerInfo): PickerItem {
  const has = server.tools.length === 0 ? [] : [plural(server.tools.length, 'tool')];
  return {
    id: server.name,
    label: server.name,
    detail: [STATES[server.state], ...has, ...linesBeside(server)].filter(Boolean).join(' · '),
  };
}

/** How far a start is; of what went wrong the reason, and the last thing that was said. */
function linesBeside({ state, lines }: McpServerInfo): readonly string[] {
  if (state === 'running') return [];
  return state === 'starting' || lines.length < 2 ? lines.slice(-1) : [lines[0] ?? '', ...lines.slice(-1)];
}

/** @param home the user's. */
export function openMcpServer(server: McpServerInfo, home: string): PickerState {
  return openPicker({
    title: `${server.name}: ${STATES[server.state]}`,
    note: aboutServer(server, home).join('\n'),
    items: serverItems(server),
    cancelHint: 'esc back',
  });
}

/** What can be done, then its tools, which cannot be chosen. */
export function serverItems({ state, tools }: McpServerInfo): PickerItem[] {
  const start = STARTS[state];
  return [
    ...(start === undefined ? [] : [{ id: START_MCP, label: start }]),
    { id: 'back', label: 'Back to the list' },
    ...tools.map(({ name, description }) => ({
      id: `tool ${name}`,
      label: name,
      detail: firstSentence(description),
      disabled: true,
    })),
  ];
}

export function aboutServer(server: McpServerInfo, home: string): string[] {
  const { target, source, isSandboxed, prompts, resources, lines } = server;
  const has = [
    ...(prompts === 0 ? [] : [plural(prompts, 'prompt')]),
    ...(resources.length === 0 ? [] : [plural(resources.length, 'resource')]),
  ];
  const place = /^https?:/.test(target)
    ? []
    : [isSandboxed ? 'runs in the sandbox' : 'runs outside the sandbox'];
  return [target, [...place, `from ${shortPath(source, { cwd: '', home })}`, ...has].join(', '), ...lines];
}
