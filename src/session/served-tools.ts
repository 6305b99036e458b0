/** oagent's own index and sandbox, as tools for other agents: nobody is there to be asked, so what would ask is refused. */
import path from 'node:path';
import instructionsText from '../../prompts/serve/instructions.md?raw';
import readText from '../../prompts/serve/read_file.md?raw';
import runText from '../../prompts/serve/run.md?raw';
import searchText from '../../prompts/serve/search_code.md?raw';
import { OutputFiles } from '../agent/output-files.ts';
import { DEFAULT_OUTPUT_LIMIT, truncateText } from '../context/truncate.ts';
import type { ServedTool } from '../mcp/serve/mcp-server.ts';
import type { JsonObject } from '../protocol.ts';
import { describeSandbox } from '../safety/permissions.ts';
import { fill } from '../text/fill.ts';
import { counter } from '../text/uuid.ts';
import { CommandSessions } from '../tools/commands/command-sessions.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import { type Access, createAccess } from './access.ts';
import type { CodeIndex } from './code-index.ts';
import type { SessionPlan } from './plan.ts';

export interface Served {
  readonly tools: readonly ServedTool[];
  readonly instructions: string;
  /** Resolves when no command of theirs is left. */
  readonly close: () => Promise<void>;
}

/** Under which name each of our tools is served. */
const NAMES: Readonly<Record<string, { readonly name: string; readonly text: string }>> = {
  search_code: { name: 'search_code', text: searchText },
  read_file: { name: 'read_file', text: readText },
  shell: { name: 'run', text: runText },
};

/** @param index absent: there is no search. @param warn hears of weaknesses of the sandbox. */
export function servedTools(
  plan: SessionPlan,
  index: CodeIndex | undefined,
  warn: (line: string) => void,
): Served {
  const access = createAccess(plan, warn, { index });
  const sessions = new CommandSessions({ onChange: () => undefined, warn });
  const contextOf = contexts(plan, access, sessions);
  const instructions = fill(instructionsText, {
    folder: plan.cwd,
    sandbox: describeSandbox(plan.permissions),
  });
  return {
    instructions,
    tools: access.tools.flatMap((tool) => {
      const served = NAMES[tool.schema.function.name];
      return served === undefined ? [] : [serve(tool, served, contextOf)];
    }),
    close: async () => {
      await sessions.close();
      await access.guard.close?.();
    },
  };
}

type ContextOf = (signal: AbortSignal) => ToolContext;

function contexts(
  { cwd, home, threadId }: SessionPlan,
  { guard }: Access,
  sessions: CommandSessions,
): ContextOf {
  const files = new OutputFiles(path.join(home, 'outputs'), threadId);
  const nextItemId = counter('i', 0);
  return (signal) => ({
    cwd,
    guard,
    sessions,
    signal,
    nextItemId,
    ask: async () => ({ type: 'no' }),
    emit: () => undefined,
    outputLimit: DEFAULT_OUTPUT_LIMIT,
    spillPath: files.next(),
  });
}

function serve(
  tool: Tool,
  { name, text }: { readonly name: string; readonly text: string },
  contextOf: ContextOf,
): ServedTool {
  const { function: called } = tool.schema;
  return {
    schema: { type: 'function', function: { ...called, name, description: text.trim() } },
    isReadOnly: name !== 'run',
    run: async (args: JsonObject, signal) => {
      const ctx = contextOf(signal);
      const { ok, text: said, bounded } = await tool.run(args, ctx);
      const cut = bounded ? said : truncateText(said, { limitBytes: ctx.outputLimit }).text;
      return { ok, text: cut };
    },
  };
}
