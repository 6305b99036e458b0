/**
 * Run, ask or refuse: the decision about a command, and about one that the sandbox blocked.
 *
 * Invariants: pure; a rule that forbids wins over everything; `never` never asks; a session approval only replaces a
 * question, it never overrides a refusal; without full access nothing runs unsandboxed unless the user allowed it (by a
 * rule or an answer) or it is known to only read. A rule does not let a program leave that a command could have put there.
 *
 *   policy      known-safe   other        dangerous   escalation   denied by the sandbox
 *   untrusted   run          ask          ask         ask          ask, then run outside
 *   on-request  run          run          ask         ask          return the denial
 *   on-failure  run          run          ask         ask          ask, then run outside
 *   never       run          run          refuse      refuse       return the denial
 *
 * "run" is inside the sandbox. Without one, "run" becomes "ask" (`never`: refuse) unless the command is known-safe.
 * With full access there is no sandbox to leave: "run" is outside, an escalation changes nothing, and `never` runs
 * dangerous commands too.
 */
import type { ApprovalPolicy, SandboxMode } from '../protocol.ts';
import { type CommandKind, DANGEROUS_REFUSED } from './dangerous.ts';
import type { RuleDecision } from './rules.ts';

/** What enforces the sandbox on this machine. */
export type SandboxKind = 'bubblewrap' | 'seatbelt' | 'none';

/** The model asks to run outside the sandbox. */
export interface Escalation {
  /** A question to the user, written by the model; may be empty. */
  readonly justification: string;
  readonly prefixRule?: readonly string[];
}

export interface DecisionInput {
  /** The script as the model wrote it, for the messages. */
  readonly command: string;
  readonly policy: ApprovalPolicy;
  readonly mode: SandboxMode;
  readonly sandboxKind: SandboxKind;
  readonly class: CommandKind;
  readonly escalation?: Escalation;
  readonly ruleDecision?: RuleDecision;
  /** Why a rule that allows the command does not let it leave the sandbox. */
  readonly doubt?: string;
  /** The user allowed this exact command, folder and permissions for the session. */
  readonly sessionApproval: boolean;
}

export type Decision =
  | { readonly action: 'run'; readonly sandboxed: boolean }
  /** `reason` is for the user. */
  | { readonly action: 'ask'; readonly reason: string; readonly sandboxedAfterApproval: boolean }
  /** `message` is for the model. */
  | { readonly action: 'refuse'; readonly message: string };

const CANNOT_ASK = 'approval required by policy, but AskForApproval is set to Never';
const CANNOT_ESCALATE =
  'approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never';
/** Names no tool: which ones a model has depends on its set. */
const CANNOT_SANDBOX =
  'command rejected: no sandbox works on this machine and the approval policy is Never. ' +
  'Only plain read-only commands (ls, cat, git status; no redirects or variables) can run. ' +
  'Use your other tools for files instead.';

/** Decides about one command before it runs. */
export function decide(input: DecisionInput): Decision {
  const { ruleDecision: rule, policy } = input;
  if (rule?.decision === 'forbidden')
    return { action: 'refuse', message: forbiddenMessage(input.command, rule) };
  if (rule?.decision === 'allow') {
    if (input.doubt === undefined || input.sessionApproval) return { action: 'run', sandboxed: false };
    // Where nobody can be asked, it is as if there were no rule.
    if (policy !== 'never') return { action: 'ask', reason: input.doubt, sandboxedAfterApproval: false };
  }

  const hasFullAccess = input.mode === 'danger-full-access';
  const isEscalated = input.escalation !== undefined && !hasFullAccess;
  const canSandbox = !hasFullAccess && input.sandboxKind !== 'none';
  const sandboxed = canSandbox && !isEscalated;
  const question = questionFor(input, { hasFullAccess, isEscalated, canSandbox });
  if (question === undefined || (policy !== 'never' && input.sessionApproval))
    return { action: 'run', sandboxed };
  if (policy === 'never') {
    const doubt = input.doubt === undefined ? '' : ` ${input.doubt}`;
    return { action: 'refuse', message: question.message + doubt };
  }
  return { action: 'ask', reason: question.reason, sandboxedAfterApproval: sandboxed };
}

interface Facts {
  readonly hasFullAccess: boolean;
  readonly isEscalated: boolean;
  readonly canSandbox: boolean;
}

/** Why the user must be asked, and what the model gets if that is not possible. */
function questionFor(
  input: DecisionInput,
  { hasFullAccess, isEscalated, canSandbox }: Facts,
): { readonly reason: string; readonly message: string } | undefined {
  const { policy, ruleDecision: rule } = input;
  if (isEscalated) {
    const justification = input.escalation?.justification.trim() ?? '';
    const reason = justification === '' ? 'The model asks to run this outside the sandbox.' : justification;
    return { reason, message: CANNOT_ESCALATE };
  }
  if (rule?.decision === 'prompt') return { reason: promptReason(rule), message: CANNOT_ASK };
  if (input.class === 'dangerous') {
    if (policy === 'never' && hasFullAccess) return undefined;
    return { reason: 'It force-deletes files (rm -f).', message: DANGEROUS_REFUSED };
  }
  if (input.class === 'known-safe') return undefined;
  if (policy === 'untrusted') {
    return {
      reason: 'It may do more than read, and this session asks before such commands.',
      message: CANNOT_ASK,
    };
  }
  if (hasFullAccess || canSandbox) return undefined;
  return { reason: 'No sandbox works on this machine, so it would run unconfined.', message: CANNOT_SANDBOX };
}

function forbiddenMessage(command: string, { reason, prefix }: RuleDecision): string {
  const why =
    reason ??
    (prefix.length === 0
      ? 'blocked by policy'
      : `policy forbids commands starting with \`${prefix.join(' ')}\``);
  return `\`${command}\` rejected: ${why}`;
}

function promptReason({ reason, prefix }: RuleDecision): string {
  return reason ?? `A rule requires approval for commands that start with \`${prefix.join(' ')}\`.`;
}

type DenialDecision =
  /** The model gets the output unchanged. */
  | { readonly action: 'return' }
  /** Again, outside the sandbox. */
  | { readonly action: 'run'; readonly sandboxed: false }
  | { readonly action: 'ask'; readonly reason: string; readonly sandboxedAfterApproval: false };

/**
 * What to do after the sandbox denied a command something. `sessionApproval`: the user allowed this exact command to
 * run outside, for the session.
 */
export function afterDenial(input: Pick<DecisionInput, 'policy' | 'sessionApproval'>): DenialDecision {
  switch (input.policy) {
    case 'on-request':
    case 'never':
      return { action: 'return' };
    case 'untrusted':
    case 'on-failure':
      if (input.sessionApproval) return { action: 'run', sandboxed: false };
      return {
        action: 'ask',
        reason: 'The sandbox blocked it. Run it again outside the sandbox?',
        sandboxedAfterApproval: false,
      };
  }
}
