/**
 * Which tools there are, in the order in which the model sees them. Order and texts are the same in every session, so that a session
 * can reuse what the server has read for another.
 */
import { isKnownSafe } from '../safety/commands.ts';
import { withPatches } from './apply-patch/in-shell.ts';
import { createApplyPatchTool } from './apply-patch/tool.ts';
import { createAskUserTool } from './ask-user.ts';
import type { CommandToolOptions } from './commands/command-permit.ts';
import { createExecCommandTool } from './commands/exec-command.ts';
import { createShellTool } from './commands/shell.ts';
import { createWriteStdinTool, pollRange } from './commands/write-stdin.ts';
import { createEditFileTool, createWriteFileTool } from './edit-tools.ts';
import { createReadFileTool } from './read-file.ts';
import { createRipgrepTool } from './ripgrep.ts';
import type { TestCommand } from './run-tests/find-command.ts';
import { createRunTestsTool } from './run-tests/run-tests.ts';
import { type CodeSearch, createSearchCodeTool } from './search-code.ts';
import { createTaskTool } from './task.ts';
import type { Tool } from './tool.ts';
import { createUpdatePlanTool } from './update-plan.ts';
import { createViewImageTool } from './view-image.ts';

export interface ToolOptions {
  /** Offers exec_command and write_stdin, otherwise shell. Those that are not offered can still be called. */
  readonly unifiedExec: boolean;
  /** The model may ask to leave the sandbox. */
  readonly canEscalate: boolean;
  /** Somebody can answer the model's own questions. */
  readonly isAttended?: boolean;
  /** The environment of commands, made for the first of them: a session without any does not look through all variables. */
  readonly env: () => NodeJS.ProcessEnv;
  /** The longest that the model may wait for a command at a time; absent: five minutes. */
  readonly mostWaitMs?: number | undefined;
  /** Searches the index of the repository; absent: there is none. */
  readonly search?: CodeSearch | undefined;
  /** That search finds memories too. */
  readonly hasMemories?: boolean | undefined;
  /** The model may give work to a sub-agent without being asked to. */
  readonly offersTask?: boolean;
  /** Some model works with the small set: its tools are there too. */
  readonly hasSmallSet?: boolean;
  /** What tests the project; absent: nothing is known. */
  readonly tests?: TestCommand | undefined;
  /** Those of extensions, offered behind all others. */
  readonly more?: readonly Tool[];
}

export function createTools({
  unifiedExec,
  canEscalate,
  isAttended = false,
  env,
  mostWaitMs,
  search,
  hasMemories,
  offersTask = false,
  hasSmallSet = false,
  tests,
  more = [],
}: ToolOptions): Tool[] {
  const options: CommandToolOptions = {
    isKnownSafe,
    canEscalate,
    env,
  };
  const unified = [
    withPatches(createExecCommandTool(options), 'cmd'),
    createWriteStdinTool(pollRange(mostWaitMs)),
  ];
  const plain = [withPatches(createShellTool(options), 'command')];
  return [
    ...(unifiedExec ? unified : plain),
    // Before the patch tool: a name that models know from elsewhere means the first tool that it can mean.
    ...(hasSmallSet ? [createEditFileTool(), createWriteFileTool()] : []),
    createApplyPatchTool(),
    createRipgrepTool({ env }),
    createReadFileTool(),
    createViewImageTool(),
    ...(search === undefined ? [] : [createSearchCodeTool(search, hasMemories)]),
    createUpdatePlanTool(),
    createAskUserTool(isAttended),
    createTaskTool({ isSilent: !offersTask }),
    ...(tests === undefined ? [] : [createRunTestsTool(tests, env)]),
    ...more,
    ...(unifiedExec ? plain : unified).map((tool) => ({ ...tool, isSilent: true })),
  ];
}
