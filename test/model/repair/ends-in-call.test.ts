import { expect, test } from 'vitest';
import { repairTurn } from '../../../src/model/repair.ts';
import { tools } from './tools.ts';

const CALL = '{"name": "shell", "arguments": {"command": "ls"}}';

const endsInCall = (content: string, doneReason = 'stop'): boolean =>
  repairTurn({ content, thinking: '', toolCalls: [], doneReason }, tools, () => 'id').endsInCall;

test.each([
  ['a fenced call after prose', `I list the files.\n\n\`\`\`json\n${CALL}\n\`\`\``],
  ['a fence without a language, and blanks after it', `First this.\n\`\`\`\n${CALL}\n\`\`\`\n\n`],
  ['the last of two fences', `\`\`\`js\nlet x;\n\`\`\`\nThen:\n\`\`\`json\n${CALL}\n\`\`\``],
])('is said of %s', (_name, content) => {
  expect(endsInCall(content)).toBe(true);
});

test.each([
  ['prose', 'All is well.'],
  ['a call that can be run', CALL],
  ['a fence with prose after it', `So:\n\`\`\`json\n${CALL}\n\`\`\`\nThat is how it works.`],
  ['other JSON', 'The config:\n```json\n{"name": "demo", "version": "1.0.0"}\n```'],
  ['a call of no tool', 'So:\n```json\n{"name": "fly", "arguments": {}}\n```'],
  ['code', 'So:\n```js\nshell("ls")\n```'],
  ['a fence that was never opened', `${'x'.repeat(9)}\n\`\`\``],
])('is not said of %s', (_name, content) => {
  expect(endsInCall(content)).toBe(false);
});

test('is not said of an answer that was cut', () => {
  expect(endsInCall(`So:\n\`\`\`json\n${CALL}\n\`\`\``, 'length')).toBe(false);
});
