/**
 * `oagent rules check -- CMD`: what would happen to a command, and why.
 *
 * The decision is made by the same functions as in a session, but without approvals for the session. Runs nothing.
 */
import { printable } from '../../config/errors.ts';
import { physicalPath } from '../../config/paths.ts';
import type { ApprovalPolicy, SandboxMode } from '../../protocol.ts';
import { fileless } from '../../safety/commands.ts';
import { classify } from '../../safety/dangerous.ts';
import { type Decision, decide, type SandboxKind } from '../../safety/decide.ts';
import { mayGitLeave } from '../../safety/git-allowed.ts';
import { isHarmlessRepository } from '../../safety/git-repository.ts';
import { programOfWorkspace, ruleDoubt } from '../../safety/leaving-program.ts';
import type { Permissions } from '../../safety/permissions.ts';
import type { PlainCommand } from '../../safety/plain-commands.ts';
import { allowingRule, decideByRules, loadRules, type Rules } from '../../safety/rules.ts';
import { isSystemProgram } from '../../safety/search-path.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { unsafeFolders } from '../../system/find-program.ts';
import { shellWord } from '../../text/shell-word.ts';

export interface ExplainOptions {
  /** oagent's own folder, absolute: where rules.toml is. */
  readonly home: string;
  readonly policy: ApprovalPolicy;
  readonly mode: SandboxMode;
  readonly sandboxKind: SandboxKind;
  /** Absolute: where the command would run. */
  readonly cwd: string;
  /** What the session may touch; without it nothing is said of what a rule lets git do. */
  readonly permissions?: Permissions;
}

const KIND_WORDS = {
  'known-safe': 'known to only read',
  other: 'not known to only read',
  dangerous: 'dangerous',
  unparsed: 'not a plain command: what it does cannot be known',
};

/**
 * Each command of the script with its class and the rule that matches it, then the decision; ends in a line break.
 * Throws a RulesError if the rules cannot be loaded.
 */
export function explainDecision(command: string, options: ExplainOptions): string {
  const rules = loadRules(options.home);
  const { kind, segments, reach } = classify(command);
  const found = decideByRules(needingRule(segments, options.cwd), rules, reach);
  const isHeld = found?.decision === 'allow' && isHeldBack(segments ?? [], rules, options);
  const ruleDecision = isHeld ? undefined : found;
  const doubt = kind === 'known-safe' ? doubtAbout(segments ?? [], options.cwd) : undefined;
  const decision = decide({
    ...options,
    command,
    class: doubt === undefined ? kind : 'other',
    ruleDecision,
    doubt: ruleDecision?.decision === 'allow' ? leavingDoubt(segments ?? [], options) : undefined,
    sessionApproval: false,
  });

  const lines = [printable(command)];
  for (const segment of segments ?? []) {
    const words = shellWords(segment);
    lines.push(`  ${printable(words)}`, `    class: ${KIND_WORDS[classify(words).kind]}`);
    lines.push(`    rule: ${ruleWords(segment, rules)}`);
  }
  lines.push(`class: ${KIND_WORDS[kind]}${doubt === undefined ? '' : `, but ${doubt}`}`);
  const inForce =
    ruleDecision === undefined
      ? isHeld
        ? 'none applies: git could run more than the rule means, or in a repository that commands can change'
        : 'none applies'
      : `${ruleDecision.decision} (${ruleDecision.prefix.join(' ')})`;
  lines.push(`rules: ${printable(inForce)}`);
  lines.push(`policy: ${options.policy}, sandbox: ${options.mode} (${options.sandboxKind})`);
  lines.push(`decision: ${printable(decisionWords(decision))}`);
  return `${lines.join('\n')}\n`;
}

/** As the guard does not let every call of git out. */
function isHeldBack(
  segments: readonly PlainCommand[],
  { rules }: Rules,
  { permissions, mode, cwd }: ExplainOptions,
): boolean {
  if (permissions === undefined || mode === 'danger-full-access') return false;
  const given = (segment: PlainCommand) => allowingRule(segment, rules)?.prefix.length ?? 0;
  return !mayGitLeave({ segments, given, cwd, permissions });
}

/** Why a rule would not let the script leave the sandbox. */
function leavingDoubt(
  segments: readonly PlainCommand[],
  { cwd, mode }: Pick<ExplainOptions, 'cwd' | 'mode'>,
): string | undefined {
  if (mode === 'danger-full-access') return undefined;
  const unsafe = unsafeFolders(cwd, process.env);
  const program = programOfWorkspace(segments, { cwd, searchPath: process.env.PATH, unsafe });
  return program === undefined ? undefined : ruleDoubt(program);
}

/** As the guard leaves out what needs no rule beside others. */
function needingRule(
  segments: readonly PlainCommand[] | undefined,
  cwd: string,
): readonly PlainCommand[] | undefined {
  const safe = fileless(segments ?? []);
  if (safe.length === segments?.length || doubtAbout(safe, cwd) !== undefined) return segments;
  return segments?.filter((segment) => !safe.includes(segment));
}

/** Why a script that looks like it only reads might do more in this folder. */
function doubtAbout(segments: readonly PlainCommand[], cwd: string): string | undefined {
  const folder = physicalPath(cwd);
  if (folder === undefined) return 'the folder cannot be resolved';
  const names = segments.map(({ name }) => name);
  const replaced = names.find((name) => !isSystemProgram(name, process.env.PATH, [folder]));
  if (replaced !== undefined) return `the PATH may find another ${replaced} in this folder`;
  if (names.includes('git') && !isHarmlessRepository(folder))
    return 'git may run programs of this repository';
  return undefined;
}

function ruleWords(segment: PlainCommand, { file, rules }: Rules): string {
  const match = decideByRules([segment], { file, rules }, classify(shellWords(segment)).reach);
  if (match === undefined) return 'none';
  const reason = match.reason === undefined ? '' : `: ${match.reason}`;
  return printable(`${match.decision} (${match.prefix.join(' ')}), ${file}:${match.line}${reason}`);
}

function decisionWords(decision: Decision): string {
  const where = (sandboxed: boolean) => (sandboxed ? 'in the sandbox' : 'without a sandbox');
  switch (decision.action) {
    case 'run':
      return `runs ${where(decision.sandboxed)}, without asking`;
    case 'ask':
      return `asks first, then runs ${where(decision.sandboxedAfterApproval)}. ${decision.reason}`;
    case 'refuse':
      return `refused. ${decision.message}`;
  }
}

/** The command as shell text that parses into the same words. */
function shellWords({ name, args, hasGlob }: PlainCommand): string {
  return [name, ...args].map((word) => (isBare(word, hasGlob) ? word : quoted(word))).join(' ');
}

function isBare(word: string, hasGlob: boolean): boolean {
  return (hasGlob ? /^[\w./:,=+@%^*?-]+$/ : /^[\w./:,=+@%^-]+$/).test(word);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** `oagent rules check -- CMD…`: one word is a script, several are a command line. @returns the exit code. */
export async function rulesCheckCommand(argv: readonly string[], plan: SessionPlan): Promise<number> {
  const { createSandbox } = await import('../../safety/sandbox/probe.ts');
  const { kind } = await createSandbox(plan.permissions);
  const command = argv.length === 1 ? (argv[0] ?? '') : argv.map(shellWord).join(' ');
  const { approval: policy, mode, home, cwd } = plan.permissions;
  process.stdout.write(
    `${explainDecision(command, { home, policy, mode, sandboxKind: kind, cwd, permissions: plan.permissions }).trimEnd()}\n`,
  );
  return 0;
}
