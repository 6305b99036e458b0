/**
 * The texts of a file that people read: strings of code, prose of Markdown, comments.
 *
 * A string counts if it has a blank in it and is not a module's name, a type or a key: then it is a sentence, or a part of one. Values
 * that are put into a template are `…`. Pure.
 */
import { parseSync, Visitor } from 'rolldown/utils';

export interface Text {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

interface Node {
  readonly type: string;
  readonly start: number;
}

/** The strings of a TypeScript file. @throws Error if it does not parse. */
export function stringsIn(file: string, source: string): readonly Text[] {
  const { program, errors } = parseSync(file, source);
  const [problem] = errors;
  if (problem !== undefined) throw new Error(`${file}: ${problem.message}`);
  const found: (Text & { readonly start: number })[] = [];
  const lineOf = lineFinder(source);
  const passed = new Set<Node>();
  const add = (start: number, text: string): void => {
    if (/\S\s+\S/.test(text)) found.push({ text, line: lineOf(start), start });
  };
  const pass = (node: Node | null | undefined): void => {
    if (node) passed.add(node);
  };
  const visitor = new Visitor({
    ImportDeclaration: ({ source: name }) => pass(name),
    ExportNamedDeclaration: ({ source: name }) => pass(name),
    ExportAllDeclaration: ({ source: name }) => pass(name),
    ImportExpression: ({ source: name }) => pass(name),
    TSImportType: ({ source: name }) => pass(name),
    TSLiteralType: ({ literal }) => pass(literal),
    Property: ({ key, computed }) => {
      if (!computed) pass(key);
    },
    Literal: (node) => {
      if (typeof node.value === 'string' && !passed.has(node)) add(node.start, node.value);
    },
    TemplateLiteral: ({ quasis, start }) =>
      add(start, quasis.map(({ value }) => value.cooked ?? value.raw).join('…')),
    JSXText: ({ value, start }) => add(start, value),
  });
  visitor.visit(program);
  return found.sort((a, b) => a.start - b.start).map(({ text, line }) => ({ text, line }));
}

/** The comments of a TypeScript file, each line of a block without its star. */
export function commentsIn(file: string, source: string): readonly Text[] {
  const lineOf = lineFinder(source);
  return parseSync(file, source).comments.map(({ value, start }) => ({
    text: value.replace(/^[ \t]*\*[ \t]?/gm, ''),
    line: lineOf(start),
  }));
}

/** The paragraphs of a Markdown file, without code, addresses and the marks of a table. */
export function proseIn(source: string): readonly Text[] {
  const blank = (code: string): string => code.replace(/[^\n]/g, ' ');
  const text = source
    .replace(/^[ \t]*(```|~~~)[\s\S]*?^[ \t]*\1/gm, blank)
    .replace(/(`+)[^`]+?\1/g, blank)
    .replace(/\]\([^)\n]*\)/g, blank);
  const lineOf = lineFinder(text);
  return [...text.matchAll(/[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*/g)].map(({ 0: paragraph, index }) => ({
    text: paragraph,
    line: lineOf(index),
  }));
}

function lineFinder(source: string): (at: number) => number {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (at) => starts.findLastIndex((start) => start <= at) + 1;
}
