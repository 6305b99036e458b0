/** One call between the hooks before it and those behind it. Loaded only where there are hooks. */
import type { ToolCall } from '../model/chat.ts';
import { coerceArguments } from '../model/repair.ts';
import type { Item, JsonObject } from '../protocol.ts';
import type { Tool, ToolContext, ToolResult } from '../tools/tool.ts';
import { MCP_START, refusal } from '../tools/tool-call-item.ts';
import type { CallContext, CallResult } from './call-context.ts';

interface Made {
  readonly tool: Tool;
  /** Checked. */
  readonly args: JsonObject;
}

/** @param guarded runs what must not throw. */
export async function runHooked(
  { tool, args }: Made,
  { id: callId, name }: ToolCall,
  ctx: CallContext,
  guarded: (run: () => Promise<ToolResult>) => Promise<ToolResult>,
): Promise<CallResult> {
  const { hooks } = ctx;
  // Hooks know commands by their lines.
  const command = await tool.commandOf?.(args, ctx);
  const known = command === undefined ? { name, arguments: args } : { name: 'shell', arguments: { command } };
  const verdict = (await hooks?.before({ ...known, callId })) ?? { isAllowed: false };
  if ('refused' in verdict) return refusal(verdict.refused);
  const changed = command === undefined ? undefined : verdict.arguments?.command;
  if (changed !== undefined && changed !== command)
    return refusal(`a hook wants \`${changed}\` to be run instead: run that with exec_command`);
  if (ctx.signal.aborted) return refusal('aborted by user');
  const coerced = coerceArguments(command === undefined ? (verdict.arguments ?? args) : args, tool.schema);
  if (!coerced.ok) return refusal(coerced.error);
  const seen = watched(ctx, verdict.isAllowed);
  const result = await guarded(() => tool.run(coerced.arguments, seen.ctx));
  const own = command === undefined ? { name, arguments: coerced.arguments } : known;
  const hooked = { ...own, callId, files: seen.files() };
  const hasRun = result.refused !== true && (result.ok || seen.hasRunCommand());
  const hides = ctx.guard.hides?.() ?? (() => false);
  const behind = hasRun ? await hooks?.after(hooked, result.text, hides) : undefined;
  const added = [verdict.said, behind].filter((part) => part !== undefined).join('\n');
  return { ...result, added: added === '' ? undefined : added };
}

/** Nothing is called yet. */
const isStartOfServer = (item: Item): boolean => item.type === 'tool_call' && item.tool === MCP_START;

/** What the call does is seen by its items. */
function watched(ctx: CallContext, isAllowed: boolean) {
  let isShown = false;
  let hasRunCommand = false;
  let files: readonly string[] | undefined;
  const watching: ToolContext = {
    ...ctx,
    emit: (event) => {
      isShown ||= event.type === 'item_started' && !isStartOfServer(event.item);
      if (event.type === 'item_completed') {
        const { item } = event;
        hasRunCommand ||= item.type === 'command_execution';
        if (item.type === 'file_change' && item.status === 'completed')
          files = item.changes.flatMap(({ path, movePath, kind }) =>
            kind === 'delete' ? [] : (movePath ?? path),
          );
      }
      ctx.emit(event);
    },
    // Only what is asked before it begins: not whether it may run again outside the sandbox that has stopped it.
    ask: (request) =>
      isAllowed && !isShown && request.kind !== 'question'
        ? Promise.resolve({ type: 'once' })
        : ctx.ask(request),
  };
  return { ctx: watching, files: () => files, hasRunCommand: () => hasRunCommand };
}
