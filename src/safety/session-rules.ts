/**
 * The rules as they are in force in a session: what they say of a command, and what may be added to them.
 *
 * `deciding` are the commands of a script that need a rule, `segments` all of them; undefined: it cannot be divided.
 */
import { mayGitLeave, repositoryToOpen } from './git-allowed.ts';
import type { CommandRequest } from './guard.ts';
import type { Permissions } from './permissions.ts';
import type { PlainCommand } from './plain-commands.ts';
import { type Offer, offerFor } from './prefixes.ts';
import type { Reach } from './reach.ts';
import {
  allowingRule,
  appendRule,
  decideByRules,
  loadRules,
  NO_RULES,
  type RuleDecision,
  type Rules,
} from './rules.ts';

export class SessionRules {
  readonly #permissions: Permissions;
  #rules: Rules;

  /** @throws RulesError when rules.toml is broken. */
  constructor(permissions: Permissions) {
    this.#permissions = permissions;
    this.#rules = rulesFor(permissions);
  }

  get isEmpty(): boolean {
    return this.#rules.rules.length === 0;
  }

  /** Undefined: no rule says anything. An `allow` rule counts only for what may leave the sandbox unseen. */
  decide(
    deciding: readonly PlainCommand[] | undefined,
    segments: readonly PlainCommand[] | undefined,
    reach: Reach,
    request: CommandRequest,
  ): RuleDecision | undefined {
    const found = decideByRules(deciding, this.#rules, reach);
    return found?.decision !== 'allow' || this.#mayLeave(segments ?? [], request) ? found : undefined;
  }

  /** A rule that must not let git out still lets it write a repository further down. */
  opens(
    deciding: readonly PlainCommand[] | undefined,
    segments: readonly PlainCommand[] | undefined,
    reach: Reach,
    { cwd, terminal }: CommandRequest,
  ): string | undefined {
    if (terminal === true || segments === undefined) return undefined;
    if (decideByRules(deciding, this.#rules, reach)?.decision !== 'allow') return undefined;
    const given = (segment: PlainCommand) => allowingRule(segment, this.#rules.rules)?.prefix.length ?? 0;
    return repositoryToOpen({ segments, given, cwd, permissions: this.#permissions });
  }

  /** What the user can be offered to allow for good; undefined: nothing that would hold. */
  offer(
    deciding: readonly PlainCommand[] | undefined,
    segments: readonly PlainCommand[] | undefined,
    request: CommandRequest,
  ): Offer | undefined {
    if (deciding === undefined || segments === undefined) return undefined;
    const unruled = deciding.filter((segment) => allowingRule(segment, this.#rules.rules) === undefined);
    const offer = offerFor(unruled, request.escalation?.prefixRule);
    // What would not hold for this very command is not offered with it.
    return offer !== undefined && this.#mayLeave(segments, request, offer) ? offer : undefined;
  }

  /** From now on, in this session and in later ones. */
  allowForever(offer: Offer): void {
    appendRule(this.#permissions.home, offer);
    this.#rules = rulesFor(this.#permissions);
  }

  /** Nobody types into what no one was asked about, and git runs nothing that a command could have put there. */
  #mayLeave(segments: readonly PlainCommand[], { cwd, terminal }: CommandRequest, offer?: Offer): boolean {
    if (this.#permissions.mode === 'danger-full-access') return true;
    if (terminal === true) return false;
    const given = (segment: PlainCommand) =>
      (allowingRule(segment, this.#rules.rules) ?? offer)?.prefix.length ?? 0;
    return mayGitLeave({ segments, given, cwd, permissions: this.#permissions });
  }
}

function rulesFor({ home, ignoresRules, ignoresAllowing }: Permissions): Rules {
  const known = ignoresRules ? NO_RULES : loadRules(home);
  if (!ignoresAllowing) return known;
  return { ...known, rules: known.rules.filter(({ decision }) => decision !== 'allow') };
}
