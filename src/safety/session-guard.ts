/**
 * The guard of a session: combines classification, rules, approvals and the sandbox.
 *
 * Invariants: every command is decided by decide.ts alone; the user is asked each question once, and an answer applies
 * to exactly what was asked; without a sandbox nothing runs as if there were one. Paths are judged in policy.ts.
 */
import exposedText from '../../prompts/commands/own-program-exposed.md?raw';
import reviewObjects from '../../prompts/guardian/objects.md?raw';
import rejectedCall from '../../prompts/mcp/rejected.md?raw';
import { unsafeFolders } from '../system/find-program.ts';
import { trace } from '../system/trace.ts';
import { errorMessage } from '../text/error-message.ts';
import { fill } from '../text/fill.ts';
import { type ApprovedCommand, SessionApprovals } from './approvals.ts';
import { fileless, knownSafeCommands } from './commands.ts';
import { type CommandKind, classify } from './dangerous.ts';
import { afterDenial, decide } from './decide.ts';
import { denialNotes, looksDenied } from './denial.ts';
import type {
  Answered,
  Ask,
  CommandPermit,
  CommandRequest,
  Guard,
  Question,
  Refusal,
  Review,
  WriteRequest,
} from './guard.ts';
import { programOfWorkspace, ruleDoubt, versionOf } from './leaving-program.ts';
import { decideMcp, type McpRequest } from './mcp-calls.ts';
import { exposedParts, type Permissions, writableFolders } from './permissions.ts';
import type { PlainCommand } from './plain-commands.ts';
import { createPolicy, type ToolPolicy } from './policy.ts';
import { type Hides, hidesFrom } from './reads.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { SessionRules } from './session-rules.ts';
import { steeringNote } from './steering-files.ts';

interface GuardOptions {
  readonly permissions: Permissions;
  /** Called when the first command needs it. */
  readonly sandbox: () => Promise<Sandbox>;
  /** Called once with each weakness of the sandbox, and how to fix it. */
  readonly warn: (message: string) => void;
  /** What the user has allowed for the session; absent: nothing yet. */
  readonly approvals?: SessionApprovals;
  /** Somebody can be asked, even where no command asks. */
  readonly isAttended?: boolean;
}

const REJECTED_COMMAND = 'exec command rejected by user';
const REJECTED_PATCH = 'rejected by user';
const EXPOSED =
  'oagent itself runs from {path}, which commands could change without a sandbox, so they are refused. ' +
  'Fix: install oagent elsewhere (npm install -g), or a sandbox (oagent doctor), or run with -s danger-full-access.';

export class SessionGuard implements Guard {
  readonly #permissions: Permissions;
  readonly #policy: ToolPolicy;
  readonly #approvals: SessionApprovals;
  readonly #rules: SessionRules;
  readonly #openSandbox: () => Promise<Sandbox>;
  readonly #warn: (message: string) => void;
  readonly #isAttended: boolean;
  #hasWarned = false;
  #sandbox: Promise<Sandbox> | undefined;

  /** @throws RulesError when rules.toml is broken. */
  constructor({
    permissions,
    sandbox,
    warn,
    approvals = new SessionApprovals(),
    isAttended = false,
  }: GuardOptions) {
    this.#permissions = permissions;
    this.#policy = createPolicy(permissions);
    this.#approvals = approvals;
    this.#openSandbox = sandbox;
    this.#warn = warn;
    this.#isAttended = isAttended;
    this.#rules = new SessionRules(permissions);
  }

  async command(request: CommandRequest, ask: Ask): Promise<CommandPermit | Refusal> {
    const { command, cwd, escalation, terminal } = request;
    if (this.#isFree()) {
      trace('decision', () => ({ decision: 'command', command, cwd, action: 'run', sandboxed: false }));
      return { allowed: true, writes: this.#writes(command, false) };
    }
    const box = await this.#opened();
    const { kind, segments, reach } = classify(command);
    const exposed = this.#exposed(request, kind, box);
    if (exposed !== undefined) return { allowed: false, message: exposed };
    const deciding = segments && this.#withoutHarmless(segments, cwd);
    const leaving = this.#programOfWorkspace(segments, cwd);
    const key = this.#approvalOf(request, escalation !== undefined, leaving);
    const ruleDecision = this.#rules.decide(deciding, segments, reach, request);
    const doubt = ruleDecision?.decision === 'allow' && leaving ? ruleDoubt(leaving) : undefined;
    const decision = decide({
      command,
      policy: this.#permissions.approval,
      mode: this.#permissions.mode,
      sandboxKind: box.kind,
      class: this.#isUncertain(request, kind, box) ? 'other' : kind,
      sessionApproval: this.#approvals.hasCommand(key),
      escalation,
      ruleDecision,
      doubt,
    });
    trace('decision', () => ({
      decision: 'command',
      command,
      cwd,
      class: kind,
      sandbox: box.kind,
      ...decision,
    }));
    if (decision.action === 'refuse') return { allowed: false, message: decision.message };
    const notes = doubt === undefined ? [] : [doubt];
    if (decision.action === 'run') {
      const isRuled = !decision.sandboxed && ruleDecision?.decision === 'allow';
      if (isRuled && !this.#approvals.hasCommand(key)) {
        const reason = 'A rule lets it run outside the sandbox.';
        const answer = await this.#reviewed({ kind: 'command', command, cwd, reason, terminal }, ask);
        if (isNo(answer)) return refusal(REJECTED_COMMAND, answer);
        if (answer.type === 'session') this.#approvals.allowCommand(key);
      }
      const opens =
        ruleDecision === undefined ? this.#rules.opens(deciding, segments, reach, request) : undefined;
      return this.#permit(request, box, decision.sandboxed, ask, { notes, opens });
    }
    // A rule would not hold for it.
    const offer = leaving === undefined ? this.#rules.offer(deciding, segments, request) : undefined;
    const leaves = leaving !== undefined && !decision.sandboxedAfterApproval;
    const reason = leaves && doubt === undefined ? changeable(decision.reason, leaving) : decision.reason;
    const version = leaves ? versionOf(leaving, { cwd }) : '';
    const { justification } = escalation ?? {};
    const question = {
      kind: 'command',
      command,
      cwd,
      reason,
      justification,
      prefix: offer?.prefix,
      isExact: offer?.isExact || undefined,
      terminal,
    } as const;
    const answer = await ask(question, decision.sandboxedAfterApproval ? undefined : this.#review());
    if (isNo(answer)) return refusal(REJECTED_COMMAND, answer);
    if (leaves && versionOf(leaving, { cwd }) !== version)
      return { allowed: false, message: `${leaving} changed while the user was asked` };
    if (answer.type === 'session') this.#approvals.allowCommand(key);
    if (answer.type === 'prefix' && offer !== undefined) this.#rules.allowForever(offer);
    return this.#permit(request, box, decision.sandboxedAfterApproval, ask);
  }

  async write(
    { files, changes, cwd }: WriteRequest,
    ask: Ask,
  ): Promise<{ readonly allowed: true } | Refusal> {
    const verdict = this.#policy.checkWrite(files);
    trace('decision', () => ({ decision: 'write', files, ...verdict }));
    if (verdict.allowed || this.#approvals.hasFiles(files)) return { allowed: true };
    if (this.#permissions.approval === 'never') return verdict;
    const reason = verdict.message + steeringNote(files, cwd);
    const answer = await ask({ kind: 'patch', cwd, reason, changes }, this.#review());
    if (isNo(answer)) return refusal(REJECTED_PATCH, answer);
    if (answer.type === 'session') this.#approvals.allowFiles(files);
    return { allowed: true };
  }

  async mcp(request: McpRequest, ask: Ask): Promise<{ readonly allowed: true } | Refusal> {
    const { call, identity } = request;
    const tool = { server: call.server, tool: call.tool, identity };
    const decision = decideMcp({
      ...request,
      permissions: this.#permissions,
      isAllowedForSession: this.#approvals.hasTool(tool),
      isAttended: this.#isAttended,
    });
    trace('decision', () => ({ decision: 'mcp', server: call.server, tool: call.tool, ...decision }));
    if (decision.action === 'refuse') return { allowed: false, message: decision.message };
    const answer = await this.#askMcp(request, tool, decision, ask);
    if (answer === undefined) return { allowed: true };
    if (isNo(answer)) return refusal(rejectedCall.trim(), answer);
    if (answer.type === 'prefix') this.#remember(request);
    // Where it holds for good it holds in this session, too.
    if (answer.type !== 'once') this.#approvals.allowTool(tool);
    return { allowed: true };
  }

  hides(): Hides {
    return hidesFrom(this.#permissions);
  }

  async close(): Promise<void> {
    const box = await this.#sandbox?.catch(() => undefined);
    await box?.close?.();
  }

  /** Undefined: nobody has to be asked. */
  async #askMcp(
    { call, isSandboxed }: McpRequest,
    tool: Parameters<SessionApprovals['hasTool']>[0],
    decision: Exclude<ReturnType<typeof decideMcp>, { action: 'refuse' }>,
    ask: Ask,
  ): Promise<Answered | undefined> {
    const question = { kind: 'mcp', mcp: call, cwd: this.#permissions.cwd } as const;
    if (decision.action === 'ask')
      return ask({ ...question, reason: decision.reason }, isSandboxed ? undefined : this.#review());
    if (isSandboxed || this.#approvals.hasTool(tool)) return undefined;
    return this.#reviewed({ ...question, reason: 'You have allowed this tool.' }, ask);
  }

  /** Of what leaves the sandbox; undefined: no reviewer looks at it, or there is no sandbox to leave. */
  #review(): Review | undefined {
    const { isReviewed = false, mode, approval } = this.#permissions;
    return isReviewed && mode !== 'danger-full-access' ? { canAsk: approval !== 'never' } : undefined;
  }

  /** The answer about what rules allow: yes, unless there is a reviewer that objects. */
  async #reviewed(question: Question, ask: Ask): Promise<Answered> {
    const review = this.#review();
    return review === undefined ? { type: 'once' } : ask(question, { ...review, isAllowed: true });
  }

  /** Full access without questions and without rules: there is nothing to decide. */
  #isFree(): boolean {
    const { mode, approval } = this.#permissions;
    return mode === 'danger-full-access' && approval === 'never' && this.#rules.isEmpty;
  }

  #opened(): Promise<Sandbox> {
    this.#sandbox ??= this.#openSandbox().then((box) => {
      trace('decision', () => ({ decision: 'sandbox', sandbox: box.kind, notes: box.notes }));
      for (const note of box.notes) this.#warn(note);
      return box;
    });
    return this.#sandbox;
  }

  /**
   * If nothing confines it, a command that only reads must also be the system's own program, and the repository's
   * configuration must not name programs for git to run.
   */
  #isUncertain({ command, cwd }: CommandRequest, kind: CommandKind, box: Sandbox): boolean {
    if (box.kind !== 'none' || kind !== 'known-safe') return false;
    return !this.#policy.areHarmless(knownSafeCommands(command) ?? [], cwd);
  }

  /** Why nothing but reading is possible: the command could change oagent itself, which no sandbox protects here. */
  #exposed(request: CommandRequest, kind: CommandKind, box: Sandbox): string | undefined {
    if (box.kind !== 'none') return undefined;
    if (kind === 'known-safe' && !this.#isUncertain(request, kind, box)) return undefined;
    const [part] = exposedParts(this.#permissions);
    if (part === undefined) return undefined;
    if (!this.#hasWarned) this.#warn(EXPOSED.replace('{path}', () => part));
    this.#hasWarned = true;
    return fill(exposedText, { path: part });
  }

  /** The commands that need a rule: in `cargo build && echo ok` the first. All of them if none does. */
  #withoutHarmless(segments: readonly PlainCommand[], cwd: string): readonly PlainCommand[] {
    const safe = fileless(segments);
    if (safe.length === segments.length || !this.#policy.areHarmless(safe, cwd)) return segments;
    return segments.filter((segment) => !safe.includes(segment));
  }

  /** An answer about a program of the workspace counts as long as it is the same file. */
  #approvalOf(
    { command, cwd, terminal }: CommandRequest,
    isEscalated: boolean,
    leaving: string | undefined,
  ): ApprovedCommand {
    const version = leaving === undefined ? '' : ` ${versionOf(leaving, { cwd })}`;
    const more = `${isEscalated ? ' escalated' : ''}${terminal === true ? ' terminal' : ''}${version}`;
    return { command, cwd, permissions: `${this.#permissions.mode}${more}` };
  }

  /** The program with which a script would leave the sandbox, if a command can have put it there. */
  #programOfWorkspace(segments: readonly PlainCommand[] | undefined, cwd: string): string | undefined {
    const { mode, env, writableRoots, cwd: folder } = this.#permissions;
    // There is nothing to leave.
    if (segments === undefined || mode === 'danger-full-access') return undefined;
    const unsafe = unsafeFolders(folder, env, writableRoots);
    return programOfWorkspace(segments, { cwd, searchPath: env.PATH, unsafe });
  }

  #remember({ remember }: McpRequest): void {
    try {
      remember();
    } catch (error) {
      this.#warn(`The tool is allowed for this session only: ${errorMessage(error)}`);
    }
  }

  #permit(
    request: CommandRequest,
    box: Sandbox,
    isSandboxed: boolean,
    ask: Ask,
    { notes = [], opens }: { readonly notes?: readonly string[]; readonly opens?: string } = {},
  ): CommandPermit {
    const writes = this.#writes(request.command, isSandboxed && box.kind !== 'none');
    if (!isSandboxed || box.kind === 'none') return { allowed: true, writes };
    return {
      allowed: true,
      writes,
      prepare: (argv, cwd, env, options = {}) => box.prepare({ argv, cwd, env, ...options, opens }),
      afterRun: async (exitCode, output) =>
        looksDenied(exitCode, output) ? this.#permitOutside(request, ask) : undefined,
      notes: (exitCode, output) => {
        const denied = denialNotes({ exitCode, output, command: request.command }, this.#permissions);
        return denied.length === 0 ? [] : [...denied, ...notes];
      },
    };
  }

  /** A permit to run a command again outside the sandbox, which has blocked it. */
  async #permitOutside(request: CommandRequest, ask: Ask): Promise<CommandPermit | undefined> {
    const leaving = this.#programOfWorkspace(classify(request.command).segments, request.cwd);
    const outside = this.#approvalOf(request, true, leaving);
    const decision = afterDenial({
      policy: this.#permissions.approval,
      sessionApproval: this.#approvals.hasCommand(outside),
    });
    trace('decision', () => ({ decision: 'command outside', command: request.command, ...decision }));
    if (decision.action === 'return') return undefined;
    const { command, cwd, terminal } = request;
    const permit: CommandPermit = { allowed: true, writes: this.#writes(command, false) };
    if (decision.action === 'run') return permit;
    const reason = leaving === undefined ? decision.reason : changeable(decision.reason, leaving);
    const answer = await ask({ kind: 'command', command, cwd, reason, terminal }, this.#review());
    if (answer.type === 'session') this.#approvals.allowCommand(outside);
    return isNo(answer) ? undefined : permit;
  }

  /** See `CommandPermit`. */
  #writes(command: string, isSandboxed: boolean): readonly string[] | undefined {
    const { mode } = this.#permissions;
    if ((isSandboxed && mode === 'read-only') || classify(command).kind === 'known-safe') return undefined;
    return writableFolders(this.#permissions).workspaces;
  }
}

function changeable(reason: string, program: string): string {
  return `${reason}\nNote: commands can change ${program}.`;
}

/** Whatever is not a yes. */
function isNo({ type }: Answered): boolean {
  return type !== 'once' && type !== 'session' && type !== 'prefix';
}

function refusal(message: string, answer: Answered): Refusal {
  if (answer.type === 'objection')
    return { allowed: false, message: fill(reviewObjects, { why: answer.why }) };
  const instead =
    answer.type === 'no' && answer.instead !== undefined ? `\nThe user says: ${answer.instead}` : '';
  return { allowed: false, message: message + instead };
}
