/** A made-up moment, to try hooks without a model. */
import path from 'node:path';
import type { HookEvent } from './hook.ts';
import type { HookCall, HookedTool, Hooks } from './hooks.ts';

export const SAMPLE_TOOLS = ['Bash', 'apply_patch', 'mcp__server__tool'];

const PATCH = '*** Begin Patch\n*** Update File: example.txt\n@@\n-old\n+new\n*** End Patch';

export async function sampleRun(
  hooks: Hooks,
  event: HookEvent,
  { tool, cwd }: { readonly tool: string; readonly cwd: string },
  call: HookCall,
): Promise<void> {
  switch (event) {
    case 'SessionStart':
      await hooks.sessionStart?.('startup', call);
      return;
    case 'UserPromptSubmit':
      await hooks.userPromptSubmit?.('Fix the failing test.', call);
      return;
    case 'PreToolUse':
      await hooks.preToolUse?.(sampleCall(tool), call);
      return;
    case 'PostToolUse': {
      const called = sampleCall(tool);
      const files = called.name === 'apply_patch' ? [path.join(cwd, 'example.txt')] : undefined;
      await hooks.postToolUse?.({ ...called, files }, 'done', call);
      return;
    }
    case 'PreCompact':
      await hooks.preCompact?.('manual', call);
      return;
    case 'Stop':
      await hooks.stop?.('All tests pass.', false, call);
      return;
    case 'Notification':
      hooks.hear({ type: 'turn_failed', turnId: call.turnId, message: 'a test', evidence: NOTHING });
      return;
    default:
      event satisfies never;
  }
}

const NOTHING = { files: [], commands: [], checks: [] };

function sampleCall(tool: string): HookedTool {
  const callId = 'call_test';
  const [, server, name] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  if (server !== undefined)
    return { name: 'mcp_call', callId, arguments: { server, tool: name, arguments: { query: 'example' } } };
  if (tool === 'Bash') return { name: 'shell', callId, arguments: { command: 'echo example' } };
  return { name: tool, callId, arguments: tool === 'apply_patch' ? { input: PATCH } : {} };
}
