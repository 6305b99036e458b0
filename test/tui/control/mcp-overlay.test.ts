import { expect, test } from 'vitest';
import type { McpServerInfo } from '../../../src/protocol/extensions.ts';
import { KEYS, startInScreen } from '../../support/tui.ts';

const FILES: McpServerInfo = {
  name: 'files',
  state: 'running',
  target: 'npx -y files-server .',
  source: '/home/ada/.oagent/config.toml',
  isSandboxed: false,
  tools: [
    { name: 'read_file', description: 'Reads a file. Only small ones.' },
    { name: 'write_file', description: '' },
  ],
  prompts: 1,
  resources: [],
  lines: [],
};
const BROKEN: McpServerInfo = {
  ...FILES,
  name: 'issues',
  state: 'failed',
  target: 'issues-server',
  tools: [],
  prompts: 0,
  lines: ['it ended with exit code 1', 'Error: no token'],
};

async function shown(...servers: McpServerInfo[]) {
  const view = await startInScreen({ columns: 80, rows: 24 });
  if (servers.length > 0) await view.tell({ type: 'mcp_servers', servers });
  await view.type('/mcp', KEYS.enter);
  return view;
}

test('the servers with their states, kept up to date', async () => {
  const view = await shown(FILES, BROKEN);
  expect(view.ops).toContainEqual({ type: 'list_mcp' });
  expect(view.screen.text()).toContain(
    '› files   running · 2 tools\n  issues  failed · it ended with exit code 1 · Error: no token',
  );
  await view.tell({ type: 'mcp_servers', servers: [FILES, { ...BROKEN, state: 'starting', lines: [] }] });
  expect(view.screen.text()).toContain('› files   running · 2 tools\n  issues  starting');
});

test('one of them, whole, and a start', async () => {
  const view = await shown(FILES, BROKEN);
  await view.type(KEYS.enter);
  expect(view.screen.text()).toContain(`files: running

  npx -y files-server .
  runs outside the sandbox, from ~/.oagent/config.toml, 1 prompt

› Back to the list
  read_file         Reads a file.
  write_file`);
  await view.type(KEYS.enter, KEYS.down, KEYS.enter);
  expect(view.screen.text()).toContain('it ended with exit code 1\n  Error: no token');
  await view.type(KEYS.enter);
  expect(view.ops).toContainEqual({ type: 'start_mcp', server: 'issues' });
  await view.tell({
    type: 'mcp_servers',
    servers: [FILES, { ...BROKEN, state: 'starting', lines: ['npm …'] }],
  });
  expect(view.screen.text()).toContain('issues: starting');
  await view.type(KEYS.escape, KEYS.escape);
  expect(view.screen.text()).not.toContain('issues: starting');
});

test('none: how to add one', async () => {
  const view = await shown();
  expect(view.screen.text()).toContain('There are no MCP servers');
  expect(view.screen.text()).toContain('oagent mcp add NAME -- COMMAND, or NAME URL, adds one.');
});
