import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callKind } from '../../src/model/call-kind.ts';
import {
  type CallKind,
  type CallRecord,
  chooseProfile,
  NO_CALLS,
  profileOf,
  triesOf,
  withCall,
} from '../../src/model/call-profile.ts';
import type { ToolSchema } from '../../src/model/chat.ts';

const record = (native: number, leaked = 0, none = 0): CallRecord => ({ native, leaked, none });

test.each([
  [record(0), undefined],
  [record(3), undefined],
  [record(0, 1), 'led'],
  [record(3, 1), 'led'],
  [record(4, 1), 'native'],
  [record(4), 'native'],
  [record(4, 0, 1), 'native'],
  [record(0, 2), 'led'],
  [record(2, 1, 1), 'led'],
  [record(0, 0, 5), 'led'],
  [record(8, 2), 'native'],
  [record(7, 2), 'led'],
] as const)('%j is %s', (counts, profile) => {
  expect(profileOf(counts)).toBe(profile);
});

test('what was configured wins over what was measured; without both it is native, and not known', () => {
  expect([
    chooseProfile('native', record(0, 5)),
    chooseProfile('led', record(5)),
    chooseProfile(undefined, record(0, 5)),
    chooseProfile(undefined, record(5)),
    chooseProfile(undefined, NO_CALLS),
  ]).toEqual([
    { profile: 'native', profileSource: 'config' },
    { profile: 'led', profileSource: 'config' },
    { profile: 'led', profileSource: 'measured' },
    { profile: 'native', profileSource: 'measured' },
    { profile: 'native', profileSource: 'unknown' },
  ]);
});

test('more tries never take the decision back to unknown, and old ones give way', () => {
  const kinds = fc.array(fc.constantFrom<CallKind>('native', 'leaked', 'none'), { maxLength: 200 });
  fc.assert(
    fc.property(kinds, (seen) => {
      let counts = NO_CALLS;
      let wasKnown = false;
      for (const kind of seen) {
        counts = withCall(counts, kind);
        expect(counts[kind]).toBeGreaterThan(0);
        expect(triesOf(counts)).toBeLessThanOrEqual(40);
        const isKnown = profileOf(counts) !== undefined;
        expect(isKnown || !wasKnown).toBe(true);
        wasKnown = isKnown;
      }
    }),
  );
  let counts = NO_CALLS;
  for (let tries = 0; tries < 200; tries += 1) counts = withCall(counts, 'leaked');
  for (let tries = 0; tries < 100; tries += 1) counts = withCall(counts, 'native');
  expect(profileOf(counts)).toBe('native');
});

const TOOLS: readonly ToolSchema[] = ['read_file', 'shell'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: '',
    parameters: { type: 'object', properties: { path: { type: 'string' } }, required: [] },
  },
}));

const said = (content: string, more: object = {}) =>
  callKind({ content, thinking: '', toolCalls: [], ...more }, TOOLS);

test.each([
  ['native', '', { toolCalls: [{ function: { name: 'read_file', arguments: { path: 'a' } } }] }],
  ['native', 'text', { toolCalls: [{ function: { name: 'invented', arguments: 7 } }] }],
  ['leaked', '{"name": "read_file", "arguments": {"path": "a"}}', {}],
  ['leaked', '```json\n{"name": "read_file", "arguments": {"path": "a"}}\n```', {}],
  ['leaked', 'I read it:\n```json\n{"name": "read_file", "arguments": {"path": "a"}}\n```', {}],
  ['leaked', '<tool_call>\n{"name": "read_file", "arguments": {"path": "a', { doneReason: 'length' }],
  ['leaked', '', { thinking: '<tool_call>{"name": "shell", "arguments": {}}</tool_call>' }],
  ['none', 'The file holds the settings.', {}],
  ['none', '', {}],
] as const)('%s: %j', (kind, content, more) => {
  expect(said(content, more)).toBe(kind);
});

test('any answer is of one kind', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.anything()), (content, thinking, calls) => {
      const toolCalls = calls.map((args) => ({ function: { name: args, arguments: args } }));
      const kind = callKind({ content, thinking, toolCalls }, TOOLS);
      expect(['native', 'leaked', 'none']).toContain(kind);
    }),
  );
});
