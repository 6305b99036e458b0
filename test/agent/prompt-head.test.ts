import { expect, test } from 'vitest';
import { promptHead } from '../../src/agent/prompt-head.ts';
import { createTools } from '../../src/tools/registry.ts';

const tools = createTools({ unifiedExec: true, canEscalate: true, env: {} });

test('tools are for models that call them; one that is led has none, and a text of its own', () => {
  const native = promptHead({ profile: 'native' }, 'You are an agent.', tools);
  expect({ system: native.system, tools: native.tools.map((tool) => tool.function.name) }).toEqual({
    system: 'You are an agent.',
    tools: ['exec_command', 'write_stdin', 'apply_patch', 'ripgrep', 'read_file', 'update_plan'],
  });
  const led = promptHead({ profile: 'led' }, 'You are an agent.', tools);
  expect(led).toEqual({ system: expect.stringMatching(/^You are a coding agent\b/), tools: [] });
  const names = tools.map((tool) => tool.schema.function.name);
  // `shell` is also a word.
  expect(names.filter((name) => name !== 'shell' && led.system.includes(name))).toEqual([]);
});
