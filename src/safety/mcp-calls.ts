/**
 * Run, ask or refuse: the decision about a call of an MCP server's tool.
 *
 * Invariants: pure; what a server says of its own tools is no permission, but what may change something is never run in
 * silence where nothing is to be changed.
 *
 *                         the user has allowed the tool           not allowed
 *   somebody can be asked run                                     ask
 *     in read-only mode   run what only reads, else ask           ask
 *   nobody (exec, never)  run                                     refuse; with full access run
 *     in plan mode        run what only reads, else refuse        refuse
 */
import notAllowed from '../../prompts/mcp/not-allowed.md?raw';
import planMode from '../../prompts/mcp/plan-mode.md?raw';
import type { McpCall } from '../protocol.ts';
import { fill } from '../text/fill.ts';
import type { Permissions } from './permissions.ts';

export interface McpRequest {
  readonly call: McpCall;
  /** Tells this very server from any other of the same name. */
  readonly identity: string;
  /** It runs in the sandbox. */
  readonly isSandboxed: boolean;
  /** The server says that the tool only reads. */
  readonly isReadOnly: boolean;
  /** The user has allowed the tool for good. */
  readonly isAllowed: boolean;
  /** Where the user can write that. */
  readonly howToAllow: string;
  /** Keeps that the user has allowed the tool for good. @throws Error for the user. */
  readonly remember: () => void;
}

type McpDecision =
  | { readonly action: 'run' }
  /** `reason` is for the user. */
  | { readonly action: 'ask'; readonly reason: string }
  /** `message` is for the model. */
  | { readonly action: 'refuse'; readonly message: string };

interface Facts extends Pick<McpRequest, 'isSandboxed' | 'isReadOnly' | 'isAllowed' | 'howToAllow'> {
  readonly permissions: Pick<Permissions, 'mode' | 'approval' | 'isPlan'>;
  /** The user has allowed the tool for the session. */
  readonly isAllowedForSession: boolean;
  /** Somebody is there: in plan mode too. */
  readonly isAttended: boolean;
}

export function decideMcp(facts: Facts): McpDecision {
  const { permissions, isReadOnly, isAllowed, isAllowedForSession, isAttended } = facts;
  const { mode, approval, isPlan = false } = permissions;
  const canAsk = isPlan ? isAttended : approval !== 'never';
  if (isAllowedForSession && canAsk) return { action: 'run' };
  const isCareful = mode === 'read-only' && (canAsk || isPlan);
  if (isAllowed && (isReadOnly || !isCareful)) return { action: 'run' };
  if (canAsk) return { action: 'ask', reason: reasonOf(facts) };
  if (isPlan) return { action: 'refuse', message: planMode.trim() };
  if (mode === 'danger-full-access') return { action: 'run' };
  return { action: 'refuse', message: fill(notAllowed, { how: facts.howToAllow }) };
}

function reasonOf({ isSandboxed, permissions, isReadOnly }: Facts): string {
  const where = isSandboxed ? 'The server runs in the sandbox.' : 'The server runs outside the sandbox.';
  const isCareful = permissions.mode === 'read-only' && !isReadOnly;
  return isCareful ? `${where} The tool may change something, although this session is read-only.` : where;
}
