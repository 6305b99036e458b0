/** `exec "/name args"`: the task is a command of the user's own, a skill, or a prompt of an MCP server. */
import { narrowed, withCommandModel } from '../../session/command-mode.ts';
import { knownCommands } from '../../session/custom-commands.ts';
import type { Extensions } from '../../session/extensions.ts';
import type { SessionFlags } from '../../session/flags.ts';
import { type SessionPlan, withPermissions } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { openSkills } from '../../session/skills.ts';
import { errorMessage } from '../../text/error-message.ts';
import { typedCommand } from '../../text/typed-command.ts';
import type { Task } from './exec-input.ts';

export interface OwnCommand {
  readonly text: string;
  readonly shownAs: string;
  /** With the model and the permissions that it wants; a model of the command line comes first. */
  readonly plan: SessionPlan;
}

/**
 * @param openExtensions is called only for what needs them.
 * @returns undefined for any other text, one that begins with a path among them. @throws SessionError
 */
export async function ownCommand(
  text: string,
  flags: SessionFlags,
  plan: SessionPlan,
  openExtensions: () => Promise<Extensions>,
): Promise<OwnCommand | undefined> {
  const typed = typedCommand(text);
  if (typed === undefined) return undefined;
  const name = typed.name.toLowerCase();
  const { args } = typed;
  const others = name.startsWith('mcp:')
    ? await openExtensions().then(({ mcp, skills }) => ({ mcp, skills }))
    : { mcp: undefined, skills: await openSkills(plan) };
  const commands = await knownCommands(plan, others);
  if (commands?.has(name) !== true) return undefined;
  try {
    const { text: whole, model, mode } = await commands.expand(name, args, new AbortController().signal);
    const limit = narrowed(plan.permissions, mode);
    const limited = limit === undefined ? plan : withPermissions(plan, limit);
    const loaded =
      model === undefined || flags.model !== undefined ? plan.loaded : withCommandModel(plan.loaded, model);
    return { text: whole, shownAs: `/${name} ${args}`.trim(), plan: { ...limited, loaded } };
  } catch (error) {
    throw new SessionError(`/${name}: ${errorMessage(error)}`);
  }
}

/** The task that a typed one stands for. */
export function asTyped(task: Task, own: OwnCommand | undefined): Task {
  return own === undefined ? task : { ...task, text: own.text, shownAs: own.shownAs };
}
