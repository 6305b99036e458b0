/**
 * Colours of source code.
 *
 * Invariants: the text is styled, not changed; every line closes its styles; code that would take long stays plain. The
 * grammars are loaded on first use.
 */
import type { Root, RootContent } from 'hast';
import type { Grammars } from './grammars.ts';
import type { Style } from './style.ts';

const CODE_LIMIT = 200_000;
const LINE_LIMIT = 2_000;

type Paint = (text: string) => string;

/** Their grammar paints some programs wherever the word is (`npm test`), and not others. */
const SHELLS = new Set(['bash', 'sh', 'zsh', 'shell', 'console', 'shellsession']);
const same: Paint = (text) => text;

let grammars: Grammars | undefined;
let loading: Promise<void> | undefined;

/** Loads the grammars, once. Until then all code is plain. */
export function loadHighlighter(): Promise<void> {
  loading ??= import('./grammars.ts').then((module) => {
    grammars = new module.Grammars();
  });
  return loading;
}

/**
 * The lines of the code in colour. Undefined if the grammars are not loaded, the language is unknown, or the code is
 * too long. `language` is what follows the backticks of a fence: its first word counts.
 */
export function highlight(code: string, language: string, style: Style): string[] | undefined {
  const name = /[\w+#-]+/.exec(language)?.[0].toLowerCase() ?? '';
  const tree = name === '' || isTooLong(code) ? undefined : grammars?.highlight(name, code);
  if (tree === undefined) return undefined;
  const lines = [''];
  const paints = SHELLS.has(name) ? { ...style, cyan: same } : style;
  paintNodes(tree.children, undefined, paints, lines);
  return lines;
}

function isTooLong(code: string): boolean {
  return code.length > CODE_LIMIT || code.split('\n').some((line) => line.length > LINE_LIMIT);
}

function paintNodes(nodes: Root['children'], paint: Paint | undefined, style: Style, lines: string[]): void {
  for (const node of nodes) {
    if (node.type === 'text') addText(node.value, paint, lines);
    else if (node.type === 'element') paintNodes(node.children, paintOf(node, style) ?? paint, style, lines);
  }
}

function addText(text: string, paint: Paint | undefined, lines: string[]): void {
  for (const [index, part] of text.split('\n').entries()) {
    if (index > 0) lines.push('');
    lines[lines.length - 1] += paint === undefined || part.trim() === '' ? part : paint(part);
  }
}

function paintOf(node: Extract<RootContent, { type: 'element' }>, style: Style): Paint | undefined {
  const names = node.properties.className;
  const [name = ''] = Array.isArray(names) ? names.map(String) : [];
  switch (name.replace('hljs-', '')) {
    case 'keyword':
    case 'selector-tag':
    case 'name':
    case 'doctag':
    case 'operator':
      return style.magenta;
    case 'string':
    case 'regexp':
    case 'addition':
    case 'char':
      return style.green;
    case 'number':
    case 'literal':
    case 'symbol':
    case 'built_in':
    case 'type':
    case 'attr':
    case 'attribute':
    case 'selector-class':
    case 'selector-id':
    case 'link':
    case 'bullet':
      return style.cyan;
    case 'deletion':
      return style.red;
    case 'comment':
    case 'quote':
    case 'meta':
      return style.dim;
    case 'section':
    case 'strong':
      return style.bold;
    case 'emphasis':
      return style.italic;
    // What is interpolated in a string is code again.
    case 'subst':
      return (text) => text;
    default:
      return undefined;
  }
}
