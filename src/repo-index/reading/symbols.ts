/**
 * The name that a node of a syntax tree defines.
 *
 * Languages are not known one by one: a definition has a field `name`, in C a chain of declarators, in Rust's `impl` a type.
 */
import type { Node } from '@vscode/tree-sitter-wasm';

const DEFINES =
  /(?:definition|declaration|_item|_spec|_signature|declarator|^method|^class|^module|^singleton_method|^pair$|_statement)/;
const LONGEST = 60;
/** Before a name, in what the parser could not read as a whole because it is half-written. */
const KEYWORDS =
  /^(?:function|class|interface|struct|enum|trait|impl|type|const|let|def|fn|func|module|namespace)$/;

/** Whether a node of this type may define something: without the node, which takes longer to make. */
export function mayDefine(type: string): boolean {
  return DEFINES.test(type) && !/^(?:if|for|while|return|import|switch|try)/.test(type);
}

/** Undefined for a node that defines nothing. A wrapper (`export`, a decorator, `const x = …`) has the name of what is in it. */
export function nameOf(node: Node, depth = 0): string | undefined {
  const { type } = node;
  if (type === 'expression_statement') return unclosedName(node);
  if (depth > 3 || !mayDefine(type)) return undefined;
  const name =
    node.childForFieldName('name') ?? (type === 'impl_item' ? node.childForFieldName('type') : null);
  if (name !== null) return shortName(name);
  const declarator = node.childForFieldName('declarator');
  if (declarator !== null) return declaredName(declarator);
  const inner = node.childForFieldName('declaration') ?? node.childForFieldName('definition');
  if (inner !== null) return nameOf(inner, depth + 1);
  if (!/_declaration$|^export|^decorated/.test(type)) return undefined;
  const first = node.namedChildren.find((child) => child !== null && DEFINES.test(child.type));
  return first === undefined || first === null ? undefined : nameOf(first, depth + 1);
}

/**
 * Whether an identifier has the name of a definition that could not be read as a whole: it stands in an error, after a keyword of
 * this type. Asked of the cursor, not of the node: parent and sibling are looked for from the root and from the first child, and an
 * error may have a hundred thousand children.
 */
export function isNameAfter(keyword: string, type: string): boolean {
  return type.endsWith('identifier') && KEYWORDS.test(keyword);
}

/** JavaScript, TypeScript: a function that has no closing brace yet is read as an expression. */
function unclosedName(statement: Node): string | undefined {
  const inner = statement.namedChild(0);
  if (inner === null || !/^(?:function|generator_function|class)/.test(inner.type)) return undefined;
  const name = inner.childForFieldName('name');
  return name === null ? undefined : shortName(name);
}

/** C: the name is at the bottom of `pointer_declarator(function_declarator(identifier))`. */
function declaredName(node: Node): string | undefined {
  let at: Node | null = node;
  for (let depth = 0; at !== null && depth < 6; depth += 1) {
    const next: Node | null = at.childForFieldName('declarator') ?? at.childForFieldName('name');
    if (next === null) return shortName(at);
    at = next;
  }
  return undefined;
}

/** The text of a node, if it can be a name. */
export function shortName(node: Node): string | undefined {
  const { text } = node;
  return text.length > LONGEST || /[\s{}()]/.test(text) ? undefined : text;
}
