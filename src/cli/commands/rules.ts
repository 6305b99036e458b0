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
import { isHarmlessRepository } from '../../safety/git-repository.ts';
import type { PlainCommand } from '../../safety/plain-commands.ts';
import { decideByRules, loadRules, matchingRule, type Rules } from '../../safety/rules.ts';
import { isSystemProgram } from '../../safety/search-path.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { shellWord } from '../../text/shell-word.ts';

export interface ExplainOptions {
  /** oagent's own folder, absolute: where rules.toml is. */
  readonly home: string;
  readonly policy: ApprovalPolicy;
  readonly mode: SandboxMode;
  readonly sandboxKind: SandboxKind;
  /** Absolute: where the command would run. */
  readonly cwd: string;
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
  const ruleDecision = decideByRules(needingRule(segments, options.cwd), rules, reach);
  const doubt = kind === 'known-safe' ? doubtAbout(segments ?? [], options.cwd) : undefined;
  const decision = decide({
    ...options,
    command,
    class: doubt === undefined ? kind : 'other',
    ruleDecision,
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
      ? 'none applies'
      : `${ruleDecision.decision} (${ruleDecision.prefix.join(' ')})`;
  lines.push(`rules: ${printable(inForce)}`);
  lines.push(`policy: ${options.policy}, sandbox: ${options.mode} (${options.sandboxKind})`);
  lines.push(`decision: ${printable(decisionWords(decision))}`);
  return `${lines.join('\n')}\n`;
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
  const match = matchingRule(segment, rules);
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
    `${explainDecision(command, { home, policy, mode, sandboxKind: kind, cwd }).trimEnd()}\n`,
  );
  return 0;
}
