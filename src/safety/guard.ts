/**
 * The policy of a session with a sandbox: puts classification, rules, approvals and the sandbox together for the tools.
 *
 * Invariants: every command is decided by decide.ts alone; what the user is asked is asked once, and an answer holds
 * for exactly what was asked; without a sandbox nothing runs as if there were one.
 * Does not: start commands (tools/commands/shell.ts), show questions (a front end), or judge paths (policy.ts).
 */
import type { ApprovalAnswer, ApprovalRequest } from '../protocol.ts';
import { type ApprovedCommand, SessionApprovals } from './approvals.ts';
import { classify, scanCommands } from './dangerous.ts';
import { type ApprovalPolicy, afterDenial, decide, type Escalation } from './decide.ts';
import { looksDenied } from './denial.ts';
import { createPolicy, type PolicyOptions } from './policy.ts';
import { suggestPrefix } from './prefixes.ts';
import { appendPrefixRule, decideByRules, loadRules, type Rules } from './rules.ts';
import type { Prepared, Sandbox } from './sandbox/sandbox.ts';
import { steeringNote } from './steering-files.ts';

/** Asks the user; resolves with the one answer. */
export type Ask = (request: Omit<ApprovalRequest, 'id'>) => Promise<ApprovalAnswer>;

/** How an allowed command is started, and what follows when the sandbox stopped it. */
export interface CommandPermit {
  readonly allowed: true;
  /** Wraps the command for the sandbox; absent: it runs as it is. */
  readonly prepare?: (
    argv: readonly string[],
    cwd: string,
    env: NodeJS.ProcessEnv,
    options?: { readonly pty?: boolean },
  ) => Promise<Prepared>;
  /** Called with the end of a sandboxed command; a permit means: run it again, so. */
  readonly afterRun?: (exitCode: number | null, output: string) => Promise<CommandPermit | undefined>;
}

export interface Refusal {
  readonly allowed: false;
  /** What the model is told. */
  readonly message: string;
}

export interface GuardOptions {
  readonly approval: ApprovalPolicy;
  readonly paths: PolicyOptions;
  /** Tried when the first command needs it. */
  readonly sandbox: () => Promise<Sandbox>;
  /** Hears once what the sandbox lacks, with the cure. */
  readonly warn: (message: string) => void;
  /** oagent's own folder, which holds the rules. */
  readonly home: string;
  /** What the user has allowed for the session; absent: nothing yet. */
  readonly approvals?: SessionApprovals;
}

export interface Guard {
  readonly command: (
    request: { readonly command: string; readonly cwd: string; readonly escalation?: Escalation },
    ask: Ask,
  ) => Promise<CommandPermit | Refusal>;
  /** @param files absolute. */
  readonly write: (
    request: {
      readonly files: readonly string[];
      readonly changes: ApprovalRequest['changes'];
      readonly cwd: string;
    },
    ask: Ask,
  ) => Promise<{ readonly allowed: true } | Refusal>;
  /** Ends what the sandbox holds for the session. Never rejects. */
  readonly close?: () => Promise<void>;
}

const REJECTED_COMMAND = 'exec command rejected by user';
const REJECTED_PATCH = 'rejected by user';

/** @throws RulesError when rules.toml is broken. */
export function createGuard({
  approval,
  paths,
  sandbox,
  warn,
  home,
  approvals: session = new SessionApprovals(),
}: GuardOptions): Guard {
  const files = createPolicy(paths);
  let rules: Rules = loadRules(home);

  let opened: Promise<Sandbox> | undefined;
  const openSandbox = async (): Promise<Sandbox> => {
    const box = await sandbox();
    for (const note of box.notes) warn(note);
    return box;
  };

  const permissions = (isEscalated: boolean): string => `${paths.mode}${isEscalated ? ' escalated' : ''}`;

  const inSandbox = (box: Sandbox, key: ApprovedCommand, ask: Ask): CommandPermit => ({
    allowed: true,
    prepare: (argv, cwd, env, options = {}) => box.prepare({ argv, cwd, env, ...options }),
    afterRun: async (exitCode, output) => {
      if (!looksDenied(exitCode, output)) return undefined;
      const outside = { ...key, permissions: permissions(true) };
      const decision = afterDenial({ policy: approval, sessionApproval: session.hasCommand(outside) });
      if (decision.action === 'return') return undefined;
      if (decision.action === 'run') return { allowed: true };
      const answer = await ask({
        kind: 'command',
        command: key.command,
        cwd: key.cwd,
        reason: decision.reason,
      });
      if (answer.type === 'session') session.allowCommand(outside);
      return answer.type === 'no' || answer.type === 'stop' ? undefined : { allowed: true };
    },
  });

  return {
    command: async ({ command, cwd, escalation }, ask) => {
      // Full access without questions and without rules: nothing is left to decide, so nothing is parsed.
      const isFree = paths.mode === 'danger-full-access' && approval === 'never' && rules.rules.length === 0;
      if (isFree) return { allowed: true };
      opened ??= openSandbox();
      const box = await opened;
      const { kind: classified, segments } = classify(command);
      // Where nothing confines it, a command that only reads must also be the system's own, and git must find no
      // programs in the repository's configuration.
      const isUncertain =
        box.kind === 'none' && classified === 'known-safe' && !files.isHarmless(command, cwd);
      const kind = isUncertain ? 'other' : classified;
      const ruleDecision = decideByRules(segments, rules, scanCommands(command));
      const key = { command, cwd, permissions: permissions(escalation !== undefined) };
      const decision = decide({
        command,
        policy: approval,
        mode: paths.mode,
        sandboxKind: box.kind,
        class: kind,
        sessionApproval: session.hasCommand(key),
        escalation,
        ruleDecision,
      });
      const permit = (isSandboxed: boolean): CommandPermit =>
        isSandboxed && box.kind !== 'none' ? inSandbox(box, key, ask) : { allowed: true };
      switch (decision.action) {
        case 'refuse':
          return { allowed: false, message: decision.message };
        case 'run':
          return permit(decision.sandboxed);
        case 'ask': {
          const prefix = segments && suggestPrefix(segments, escalation?.prefixRule);
          const answer = await ask({
            kind: 'command',
            command,
            cwd,
            reason: decision.reason,
            justification: escalation?.justification,
            prefix,
          });
          if (answer.type === 'no' || answer.type === 'stop') return refusal(REJECTED_COMMAND, answer);
          if (answer.type === 'session') session.allowCommand(key);
          if (answer.type === 'prefix' && prefix !== undefined) {
            appendPrefixRule(home, prefix);
            rules = loadRules(home);
          }
          return permit(decision.sandboxedAfterApproval);
        }
        default:
          return decision satisfies never;
      }
    },

    write: async ({ files: targets, changes, cwd }, ask) => {
      const verdict = files.checkWrite(targets);
      if (verdict.allowed || session.hasFiles(targets)) return { allowed: true };
      if (approval === 'never') return verdict;
      const answer = await ask({
        kind: 'patch',
        cwd,
        reason: verdict.message + steeringNote(targets, cwd),
        changes,
      });
      if (answer.type === 'no' || answer.type === 'stop') return refusal(REJECTED_PATCH, answer);
      if (answer.type === 'session') session.allowFiles(targets);
      return { allowed: true };
    },

    close: async () => {
      const box = await opened?.catch(() => undefined);
      await box?.close?.();
    },
  };
}

function refusal(message: string, answer: ApprovalAnswer): Refusal {
  const instead =
    answer.type === 'no' && answer.instead !== undefined ? `\nThe user says: ${answer.instead}` : '';
  return { allowed: false, message: message + instead };
}
