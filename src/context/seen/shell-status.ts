/**
 * Which commands a shell script runs, and which of them must have succeeded if the script did. Never throws. A command
 * decides only if that is certain (`a && b`: both; `a; b`, `a | b`: the last). Scripts within a script (`bash -c`) are
 * not read here.
 */
import { createRequire } from 'node:module';
import type { CommandNode, ParsedScript, Statement, SyntaxNode } from 'unbash';

export interface RunCommand {
  readonly words: readonly string[];
  /** The script's exit code is 0 only if this command's is. */
  readonly decides: boolean;
}

/** Longer scripts are not parsed. UTF-16 units. */
const MAX_LENGTH = 16_384;

/** Most commands are too simple to need the parser, which takes longer to load than a turn takes to end. */
const PLAIN = /^(?:[\w\s./:=@%+,-]|&&|2>&1)+$/;

const load = createRequire(import.meta.url);

export function commandsIn(script: string): readonly RunCommand[] {
  if (script.length > MAX_LENGTH) return [];
  if (PLAIN.test(script) && !/[\r\n]/.test(script.trim())) return plainCommands(script);
  try {
    const { parse, forEachChild } = load('unbash') as typeof import('unbash');
    const walk = new Walk(forEachChild, script);
    walk.statements(parse(script).commands, true);
    return walk.found;
  } catch {
    return [];
  }
}

function plainCommands(script: string): readonly RunCommand[] {
  return script.split('&&').map((part) => {
    const words = part.split(/\s+/).filter((word) => word !== '' && word !== '2>&1');
    const start = words.findIndex((word) => !/^\w+=/.test(word));
    return { words: start < 0 ? [] : words.slice(start), decides: true };
  });
}

class Walk {
  readonly found: RunCommand[] = [];
  readonly #forEachChild: typeof import('unbash')['forEachChild'];
  readonly #stopsAtErrors: boolean;
  readonly #hasPipefail: boolean;

  constructor(forEachChild: typeof import('unbash')['forEachChild'], script: string) {
    this.#forEachChild = forEachChild;
    this.#stopsAtErrors = /(?:^|[\s;(])set (?:-\w+ )*-(?:\w*e|o errexit)/.test(script);
    this.#hasPipefail = /(?:^|[\s;(])set [^;&|]*pipefail/.test(script);
  }

  statements(statements: ParsedScript['commands'], decides: boolean): void {
    for (const [index, statement] of statements.entries()) {
      const isLast = index === statements.length - 1;
      this.#statement(statement, decides && (isLast || this.#stopsAtErrors));
    }
  }

  #statement({ command, background }: Statement, decides: boolean): void {
    const isSure = decides && background !== true;
    if (command.type !== 'AndOr') return this.#pipeline(command, isSure);
    const isAll = command.operators.every((operator) => operator === '&&');
    for (const node of command.commands) this.#pipeline(node, isSure && isAll);
  }

  #pipeline(node: Exclude<Statement['command'], { type: 'AndOr' }>, decides: boolean): void {
    if (node.type !== 'Pipeline') return this.#command(node, decides);
    const isSure = decides && !node.prefixes.some(({ type }) => type === 'Negation');
    for (const [index, command] of node.commands.entries()) {
      this.#command(command, isSure && (index === node.commands.length - 1 || this.#hasPipefail));
    }
  }

  #command(node: CommandNode, decides: boolean): void {
    switch (node.type) {
      case 'Command': {
        if (node.name === undefined) return;
        const args = node.suffix.flatMap((part) => (part.type === 'Word' ? part.value : []));
        this.found.push({ words: [node.name.value, ...args], decides });
        return;
      }
      case 'Redirected':
        return this.#command(node.command, decides);
      case 'Subshell':
      case 'BraceGroup':
        return this.statements(node.body.commands, decides);
      default:
        this.#inside(node);
    }
  }

  /** In a condition, a loop or a function it may not run, or its failure may be meant. */
  #inside(node: SyntaxNode): void {
    this.#forEachChild(node, (child) => {
      if (child.type === 'Command') this.#command(child, false);
      else this.#inside(child);
    });
  }
}
