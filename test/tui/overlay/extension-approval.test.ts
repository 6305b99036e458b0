import { expect, test } from 'vitest';
import type { ApprovalAnswer, ApprovalRequest } from '../../../src/protocol.ts';
import { approvalLines as decisionLines } from '../../../src/tui/lines/notice.ts';
import {
  type ApprovalState,
  addApproval,
  approvalDrawn,
  approvalOptions,
  handleApprovalKey,
  wakeApproval,
  withoutTurn,
} from '../../../src/tui/overlay/approval.ts';
import { approvalLines } from '../../../src/tui/overlay/approval-lines.ts';
import { keyOf } from '../../../src/tui/term/keys.ts';
import { KEYS, startInScreen } from '../../support/tui.ts';
import { contextOf, expectToFit, seen } from './overlay-screen.ts';

const MCP: ApprovalRequest = {
  id: 'm',
  kind: 'mcp',
  cwd: '/home/ada/shop',
  reason: 'it runs outside the sandbox',
  mcp: {
    server: 'files',
    tool: 'write_file',
    arguments: { path: 'a.txt', text: 'one\ntwo', mode: { octal: 644 } },
  },
};

const OFFER: ApprovalRequest = {
  id: 'o',
  kind: 'extension',
  cwd: '/home/ada/shop',
  reason: 'it would run outside the sandbox, with all your rights, and comes with the project (.mcp.json)',
  extension: { kind: 'mcp', name: 'files', lines: ['npx -y files-server .', 'from .mcp.json'] },
};

function opened(request: ApprovalRequest): ApprovalState {
  const asked = addApproval(undefined, request, undefined);
  return approvalDrawn(wakeApproval(asked, { now: 0, isComposerEmpty: true }), 0);
}

const shown = (request: ApprovalRequest, width = 80): string =>
  seen(approvalLines(opened(request), contextOf(width), 30));

test('a tool of a server: what it is called with, whole', () => {
  expect(shown(MCP)).toBe(`Let the model use this tool of files?

  files.write_file
    path: a.txt
    text: one
      two
    mode: {"octal":644}

  Reason: it runs outside the sandbox
  Folder: ~/shop

› 1. Yes, this time
  2. Yes, and allow this tool for this session
  3. Yes, always allow files.write_file
  4. No, and tell the model what to do instead
  5. No, and stop the turn

  ↑↓ or number · enter confirm · esc no · ctrl+t show all`);
});

test('what a project brings: what would run, and three answers', () => {
  expect(shown(OFFER)).toBe(`This project brings an MCP server. Allow it to be started?

  MCP server files
    npx -y files-server .
    from .mcp.json

  Reason: it would run outside the sandbox, with all your rights, and comes
    with the project (.mcp.json)
  Folder: ~/shop

› 1. Yes, allow exactly this
  2. No, and do not ask again
  3. Not now

  ↑↓ or number · enter confirm · esc not now · ctrl+t show all`);
});

test.each([20, 40, 120])('both fit %i columns, in any height', (width) => {
  for (const request of [MCP, OFFER])
    for (let rows = 1; rows < 24; rows += 1)
      expectToFit(approvalLines(opened(request), contextOf(width), rows), width, rows);
});

test.each([
  ['escape', { type: 'stop' }],
  ['ctrl+c', { type: 'stop' }],
  ['enter', { type: 'once' }],
])('%s answers an offer', (chord, answer) => {
  const step = handleApprovalKey(opened(OFFER), keyOf(chord), { now: 5_000, isComposerEmpty: true });
  expect(step).toMatchObject({ type: 'answered', id: 'o', answer });
});

test('hooks of a project: the file, and all that would run', () => {
  const extension = { kind: 'hook', name: '.oagent/hooks.json', lines: ['Stop: npm test'] } as const;
  expect(shown({ ...OFFER, extension })).toMatch(
    /^This project brings hooks, which would run by themselves. Allow them\?\n[\s\S]*hooks of \.oagent\/hooks\.json\n +Stop: npm test\n/,
  );
});

test('the end of a turn withdraws its questions, not what a project brings', () => {
  const both = addApproval(addApproval(undefined, MCP, undefined), OFFER, undefined);
  expect(withoutTurn(both)?.requests).toEqual([OFFER]);
  expect(withoutTurn(addApproval(undefined, MCP, undefined))).toBeUndefined();
  expect(withoutTurn(undefined)).toBeUndefined();
});

test.each<[ApprovalRequest, ApprovalAnswer, string]>([
  [MCP, { type: 'once' }, '✔ You approved files.write_file'],
  [MCP, { type: 'session' }, '✔ You approved for this session: files.write_file'],
  [MCP, { type: 'prefix' }, '✔ You always allow files.write_file'],
  [MCP, { type: 'no', instead: 'read it' }, '✗ You declined files.write_file\n  Instead: read it'],
  [OFFER, { type: 'once' }, '• You allowed the MCP server files of this project'],
  [OFFER, { type: 'no' }, '• You refused the MCP server files of this project'],
  [OFFER, { type: 'stop' }, '• Not now: the MCP server files of this project'],
])('the decision is told', (request, answer, line) => {
  expect(seen(decisionLines(request, answer, contextOf(80)))).toBe(line);
});

test('every choice has an answer that it gives', () => {
  expect(approvalOptions(MCP)).toEqual(['once', 'session', 'prefix', 'instead', 'stop']);
  expect(approvalOptions(OFFER)).toEqual(['once', 'no', 'stop']);
});

test('an offer comes without a turn, and its answer goes out', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.tell({ type: 'approval_requested', request: OFFER });
  await view.pass(2_000);
  await view.type(KEYS.down, KEYS.enter);
  expect(view.ops).toContainEqual({ type: 'approval', id: 'o', answer: { type: 'no' } });
});
