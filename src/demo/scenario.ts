/**
 * The mind of the demo's model: one task on the sample repository, with one honest mistake in it.
 *
 * Each turn is a function of the conversation alone, mostly of the last tool result: the second patch is sent only
 * because the first one failed, and the answer quotes the test run that really happened. It works with any client
 * that has these tools.
 */
import type { ChatRequest, RequestMessage } from './chat-request.ts';
import type { ModelSpec } from './models.ts';
import type { Script, ScriptedCall, Turn } from './script.ts';

export const DEMO_MODEL: ModelSpec = {
  name: 'scripted-demo',
  path: 'rendered',
  capabilities: ['completion', 'tools', 'thinking'],
  contextLength: 32_768,
  modelfileNumCtx: 16_384,
};

/** What the user asks in the demo. */
export const DEMO_PROMPT =
  'discountPercent(10) should be 5, but it is 0. Find the bug, fix it and run the tests.';

const SOURCE = 'src/discount.js';
/** Where the bug is in the sample's SOURCE. */
const BUG_LINE = 14;

/** Written from memory: it quotes lines that the file does not have. */
export const WRONG_PATCH = `*** Begin Patch
*** Update File: ${SOURCE}
@@ export function discountPercent(quantity) {
   for (const tier of TIERS) {
-    if (quantity > tier.minimum) {
-      percent = tier.percent;
-    }
+    if (quantity >= tier.minimum) {
+      percent = tier.percent;
+    }
   }
*** End Patch`;

export const RIGHT_PATCH = `*** Begin Patch
*** Update File: ${SOURCE}
@@ export function discountPercent(quantity) {
   for (const tier of TIERS) {
-    if (quantity > tier.from) percent = tier.percent;
+    if (quantity >= tier.from) percent = tier.percent;
   }
*** End Patch`;

const STEPS = ['Find discountPercent', 'Fix the comparison', 'Run the tests'];

/** The plan with its first `done` steps completed. */
function plan(done: number): ScriptedCall {
  const status = (index: number) => (index < done ? 'completed' : index === done ? 'in_progress' : 'pending');
  return {
    name: 'update_plan',
    arguments: { plan: STEPS.map((step, index) => ({ step, status: status(index) })) },
  };
}

const call = (name: string, args: ScriptedCall['arguments']): ScriptedCall => ({ name, arguments: args });

const START: Turn = {
  thinking:
    'Ten pieces get nothing, though the first tier starts at ten: that smells of a boundary. Look first.',
  content: 'I will find the function first.',
  toolCalls: [plan(0), call('ripgrep', { pattern: 'discountPercent' })],
};

const READ: Turn = { toolCalls: [call('read_file', { path: SOURCE })] };

const FIRST_TRY: Turn = {
  content: 'The comparison leaves out the first quantity of each tier.',
  toolCalls: [plan(1), call('apply_patch', { input: WRONG_PATCH })],
};

const SECOND_TRY: Turn = {
  thinking:
    'The patch quotes tier.minimum in a block, but the file has tier.from on one line. Quote it exactly.',
  content: 'I quoted a line that is not in the file. Once more, from what I read.',
  toolCalls: [call('apply_patch', { input: RIGHT_PATCH })],
};

const RUN_TESTS: Turn = {
  toolCalls: [
    plan(2),
    call('exec_command', { cmd: 'node --test --test-reporter=spec', yield_time_ms: 30_000 }),
  ],
};

/** The counts of node's test summary; undefined if the output has none. */
function testCounts(output: string): { readonly passed: number; readonly failed: number } | undefined {
  const passed = /\bpass (\d+)/.exec(output);
  const failed = /\bfail (\d+)/.exec(output);
  return passed && failed ? { passed: Number(passed[1]), failed: Number(failed[1]) } : undefined;
}

function lastResult(messages: readonly RequestMessage[], tool: string): string {
  return messages.findLast((message) => message.role === 'tool' && message.toolName === tool)?.content ?? '';
}

function afterPatch(messages: readonly RequestMessage[]): Turn {
  if (lastResult(messages, 'apply_patch').includes('Success.')) return RUN_TESTS;
  const tries = messages.flatMap((message) => message.calls).filter((made) => made.name === 'apply_patch');
  return tries.length < 2
    ? SECOND_TRY
    : { content: `I could not change ${SOURCE}: the patch was refused twice.` };
}

function afterTests(output: string): Turn {
  const counts = testCounts(output);
  if (counts?.failed === 0) return { toolCalls: [plan(STEPS.length)] };
  const found = counts ? `${counts.failed} of the tests still fail` : 'the test run says nothing';
  return { content: `I changed ${SOURCE}:${BUG_LINE}, but ${found}.` };
}

function finalAnswer(messages: readonly RequestMessage[]): Turn {
  const passed = testCounts(lastResult(messages, 'exec_command'))?.passed ?? 0;
  return {
    content: `Fixed in \`${SOURCE}:${BUG_LINE}\`: a tier now starts with its own quantity (\`>=\` instead of \`>\`), so 10 pieces get 5 %. All ${passed} tests pass.`,
  };
}

function next({ messages }: ChatRequest): Turn {
  const lastAnswer = messages.findLast((message) => message.role === 'assistant');
  if (!lastAnswer) return START;
  const called = lastAnswer.calls.at(-1)?.name;
  switch (called) {
    case 'ripgrep':
      return lastResult(messages, 'ripgrep').includes(SOURCE)
        ? READ
        : { content: 'I find no discountPercent here: this model only knows the sample repository.' };
    case 'read_file':
      return FIRST_TRY;
    case 'apply_patch':
      return afterPatch(messages);
    case 'exec_command':
      return afterTests(lastResult(messages, 'exec_command'));
    case 'update_plan':
      return finalAnswer(messages);
    default:
      return {
        content:
          'This model is a script and knows no other task. Connect Ollama to continue with a real one.',
      };
  }
}

/** The script for DEMO_MODEL on the sample repository. */
export const demoScript = (): Script => next;
