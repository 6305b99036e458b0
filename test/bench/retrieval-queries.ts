/**
 * Questions whose answers are known, made from a repository itself.
 *
 * Set A: the subjects of its newest focused commits; the answer is what they changed, looked for in the tree before them.
 * Set B: the first sentences of comments on definitions, without the name that is defined; the answer is the file, looked for
 * in a copy without any comments. Invariants: the same repository gives the same questions. Does not: search.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Node, Tree, TreeCursor } from '@vscode/tree-sitter-wasm';
import { grammarOf, isProse, isTest } from '../../src/repo-index/reading/file-kinds.ts';
import { listFiles, look } from '../../src/repo-index/reading/files.ts';
import { readSource } from '../../src/repo-index/reading/read-file.ts';
import { nameOf } from '../../src/repo-index/reading/symbols.ts';
import { Syntax } from '../../src/repo-index/reading/syntax.ts';
import { sha256 } from '../../src/text/uuid.ts';

export interface Question {
  readonly text: string;
  /** The files of the answer. */
  readonly files: readonly string[];
  /** Set A: the commit whose tree is searched. */
  readonly commit?: string;
  /** Set B: the lines of the definition in the copy, from 1. */
  readonly lines?: { readonly start: number; readonly end: number };
}

const FOCUSED_FILES = 5;
const SHORTEST = 3;

/** Set A: at most `most` questions, newest first. */
export function commitQuestions(root: string, most = 150): Question[] {
  const log = execFileSync(
    'git',
    [
      'log',
      '--no-merges',
      '--max-count=2000',
      '-z',
      '--no-renames',
      '--name-status',
      '--format=%x01%H %s%x02',
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const questions: Question[] = [];
  for (const record of log.split('\x01')) {
    const [head = '', rest = ''] = record.split('\x02');
    const fields = rest.split('\0').map((field) => field.trim());
    const files: string[] = [];
    for (let at = 0; at + 1 < fields.length; at += 1) {
      const name = fields[at + 1] ?? '';
      if (fields[at] === 'M' && grammarOf(name) !== undefined && !isTest(name)) files.push(name);
    }
    const text = head.slice(head.indexOf(' ') + 1);
    const isFocused = files.length > 0 && files.length <= FOCUSED_FILES;
    if (isFocused && text.split(/\s+/).length >= SHORTEST)
      questions.push({ text, files, commit: head.slice(0, head.indexOf(' ')) });
  }
  return questions.slice(0, most);
}

/**
 * Set B: writes the files of `root` without their comments into `copy`, and gives at most `most` questions, drawn
 * by chance but always the same.
 */
export async function commentQuestions(root: string, copy: string, most = 150): Promise<Question[]> {
  const syntax = new Syntax();
  const all: Question[] = [];
  for (const name of [...(await listFiles(root)).paths].sort()) {
    const source = look(root, name) === undefined ? undefined : readSource(root, name);
    if (source === undefined || source.lines.length === 0 || isProse(name)) continue;
    const text = source.lines.join('\n');
    const grammar = grammarOf(name);
    let stripped = text;
    const strip = (tree: Tree): void => {
      const comments = commentsOf(tree.walk());
      for (const { startIndex, endIndex } of comments) {
        const blank = stripped.slice(startIndex, endIndex).replace(/[^\n]/g, ' ');
        stripped = stripped.slice(0, startIndex) + blank + stripped.slice(endIndex);
      }
      if (!isTest(name)) all.push(...comments.flatMap((comment) => questionOf(comment, name) ?? []));
    };
    if (grammar !== undefined) await syntax.read(text, grammar, strip);
    const target = path.join(copy, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, stripped);
  }
  const unique = all.filter(({ text }) => all.filter((other) => other.text === text).length === 1);
  // By a hash, so that a file that comes or goes does not change which of the others are asked about.
  return unique
    .map((question) => ({ question, order: sha256(`${question.files[0]}\n${question.text}`) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .slice(0, most)
    .map(({ question }) => question);
}

function commentsOf(cursor: TreeCursor): Node[] {
  const found: Node[] = [];
  const visit = (): void => {
    if (/comment/.test(cursor.nodeType)) found.push(cursor.currentNode);
    else if (cursor.nodeType === 'string' && isDocstring(cursor.currentNode)) found.push(cursor.currentNode);
    else if (cursor.gotoFirstChild()) {
      do visit();
      while (cursor.gotoNextSibling());
      cursor.gotoParent();
    }
  };
  visit();
  return found;
}

/** Python: a string that is the first statement of a body. */
function isDocstring(node: Node): boolean {
  const statement = node.parent;
  const body = statement?.parent;
  if (statement?.type !== 'expression_statement') return false;
  return body?.type === 'block' && body.firstNamedChild?.equals(statement) === true;
}

/** What a comment is on: what stands behind it, or around it. */
function definitionOf(comment: Node): Node | undefined {
  if (comment.type === 'string') return comment.parent?.parent?.parent ?? undefined;
  const next = comment.nextNamedSibling;
  if (next === null || next.startPosition.row > comment.endPosition.row + 1) return undefined;
  return next;
}

/** The first sentence on a definition, if it still says something without the name. */
function questionOf(comment: Node, file: string): Question | undefined {
  const next = definitionOf(comment);
  const name = next === undefined ? undefined : nameOf(next);
  if (next === undefined || name === undefined || name.length < 3) return undefined;
  const text = comment.text
    .replace(/^(?:\/\*+|[rbu]*(?:"""|'''))|(?:\*+\/|"""|''')$/g, '')
    .replace(/^\s*(?:\*|\/\/+!?|#+)\s?/gm, '')
    .trim();
  const sentence = (/^[\s\S]*?(?:[.!?](?=\s|$)|\n\s*\n|\n\s*@|$)/.exec(text)?.[0] ?? '').replace(/\s+/g, ' ');
  const question = sentence
    .replaceAll(name, ' ')
    .replace(/\{@\w+|[`@]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (question.split(' ').length < SHORTEST + 1 || question.length > 300) return undefined;
  return {
    text: question,
    files: [file],
    lines: { start: next.startPosition.row + 1, end: next.endPosition.row + 1 },
  };
}
