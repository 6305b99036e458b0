/**
 * The forms in which a call can leak into the text, in the order in which they are tried. For each there is an example
 * and a text that only looks like it in test/model/answer/forms.test.ts.
 */
import type { BlockReader } from './call-shapes.ts';
import { readHarmonyCall } from './harmony.ts';
import {
  readBareJson,
  readFunctools,
  readGemmaCall,
  readLooseJson,
  readNamedArguments,
  readToolCallsList,
} from './json-calls.ts';
import { readPythonCall, readPythonFence, readPythonList } from './pythonic.ts';
import { readAction, readPatch, readToolTag } from './text-calls.ts';
import { readTokenCall } from './token-calls.ts';
import { readCallFence, readFence, readSpecialTokens, readTag, TAGS } from './wrappers.ts';
import { readArgumentTags, readFunctionTag } from './xml-calls.ts';

export interface Form {
  readonly name: string;
  readonly read: BlockReader;
  /** An expression for where it begins after prose. Without one, it is only read if nothing but calls is there. */
  readonly opens?: string;
  /**
   * - `sure`: its marks mean nothing else. - `weak`: other text looks like it, so the arguments must fit the tool.
   * - `exact`: it is data in most places, so the name must be the tool's own, and the arguments no others than it has.
   */
  readonly evidence?: 'sure' | 'weak' | 'exact';
}

export const FORMS: readonly Form[] = [
  { name: 'tag', read: readTag, opens: TAGS.map(literal).join('|'), evidence: 'sure' },
  {
    name: 'function tag',
    read: readFunctionTag,
    opens: String.raw`<(?:｜DSML｜|\|DSML\||[a-z]{2,10}:)?(?:function=|(?:invoke|function)\s{1,4}name=)`,
    evidence: 'sure',
  },
  { name: '[TOOL_CALLS]', read: readToolCallsList, opens: String.raw`\[TOOL_CALLS\]`, evidence: 'sure' },
  {
    name: 'tokens',
    read: readTokenCall,
    opens: '<[|｜]tool[▁_]call[▁_]begin[|｜]>',
    evidence: 'sure',
  },
  {
    name: 'harmony',
    read: readHarmonyCall,
    opens: String.raw`<\|start\|>assistant|<\|channel\|>(?:commentary|analysis)|assistantcommentary to=|commentary to=functions\.|to=functions\.`,
    evidence: 'sure',
  },
  {
    name: 'functools',
    read: readFunctools,
    opens: String.raw`functools\s{0,4}\[\s{0,4}\{`,
    evidence: 'sure',
  },
  { name: 'name[ARGS]', read: readNamedArguments },
  { name: 'JSON', read: readBareJson },
  { name: 'call fence', read: readCallFence, opens: '```tool_c(?:alls?|ode)', evidence: 'sure' },
  { name: 'fence', read: readFence },
  { name: 'Python fence', read: readPythonFence, evidence: 'exact' },
  { name: 'Python list', read: readPythonList },
  { name: 'call:name{}', read: readGemmaCall },
  { name: 'argument tags', read: readArgumentTags },
  { name: 'Python', read: readPythonCall },
  { name: 'patch', read: readPatch, opens: String.raw`(?<=^|\n)\*\*\* Begin Patch`, evidence: 'weak' },
  {
    name: 'action',
    read: readAction,
    opens: String.raw`(?<=^|\n)(?:\*{0,2}Action:|✿FUNCTION✿:)`,
    evidence: 'weak',
  },
  {
    name: 'tool tag',
    read: readToolTag,
    opens: String.raw`(?<=^|\n)<[A-Za-z][\w-]{1,60}>(?=\s{0,8}[<{])`,
    evidence: 'weak',
  },
  {
    name: 'special tokens',
    read: readSpecialTokens,
    opens: String.raw`<[|｜][A-Za-z][\w▁]{1,40}[|｜]>(?=\s{0,8}(?:assistant|json)?\s{0,8}[[{<])`,
    evidence: 'weak',
  },
  { name: 'loose JSON', read: readLooseJson, evidence: 'exact' },
];

function literal(text: string): string {
  return text.replace(/[|[\]]/g, String.raw`\$&`);
}
