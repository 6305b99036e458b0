/**
 * All the commands that a script may run: after `;`, in substitutions, functions and loops, as arguments of wrappers, in `bash -c`,
 * `eval`, here-documents and pipes, through git's options and aliases.
 *
 * Only for finding what is forbidden, never for deciding what is allowed. What it cannot read errs on the side of finding too much:
 * an expansion may be any word, an unknown program may run its arguments, and if something runs that cannot be read at all, so may
 * every program that is named in the script. What is not in its text (`base64 -d | sh`, a file) is not seen; that is what the sandbox
 * is for.
 */
import { createRequire } from 'node:module';
import type { Command, ParsedScript, Pipeline, Redirected, Redirection, SyntaxNode } from 'unbash';
import { gitCalls, gitMayRun } from './git-words.ts';
import { kindOfProgram, namesOnly, WRITERS } from './reach-programs.ts';
import { ANY_WORD, literal, programOf, type ReachWord, reachWord } from './reach-words.ts';

/** A command: `words` from `start` on. */
export interface Reached {
  readonly words: readonly ReachWord[];
  readonly start: number;
}

export interface Reach {
  /** Commands that it runs itself, or by way of a program that is known to run others. */
  readonly commands: readonly Reached[];
  /** What else may be a command. */
  readonly possible: readonly Reached[];
  /** In lower case: what is run where the script cannot be read may be any of these. */
  readonly named: ReadonlySet<string>;
  /** Part of it cannot be parsed, or goes to a shell. */
  readonly isObscure: boolean;
}

/** Loaded with the first command, as in plain-commands.ts. */
const load = createRequire(import.meta.url);

/** Longer scripts are only cut into words. UTF-16 units. */
const MAX_PARSED = 128 * 1024;
/** Walking one that is nested deeper than the parser goes takes long. */
const MAX_BROKEN = 8 * 1024;
const MAX_DEPTH = 5;
/** Programs in arguments, and scripts in words, that are looked into. */
const MAX_INNER = 400;
/** Characters of texts that are searched for commands word by word. */
const MAX_TEXT = 4 * 1024 * 1024;

/** Pure and never throws, whatever the text. */
export function reach(script: string): Reach {
  return new Reader().read(script);
}

class Reader {
  readonly #commands: Reached[] = [];
  readonly #possible: Reached[] = [];
  /** Words that name no command where they are. */
  readonly #data: string[] = [];
  #left = MAX_INNER;
  #charactersLeft = MAX_TEXT;
  /** Something runs that cannot be read. */
  #isUnclear = false;
  #isObscure = false;
  #runsFile = false;
  #writesFile = false;

  read(script: string): Reach {
    this.#script(script, 0);
    const isUnclear = this.#isUnclear || (this.#runsFile && this.#writesFile);
    const named = isUnclear ? this.#data.flatMap(tokensOf).flatMap((token) => token.split('=')) : [];
    return {
      commands: this.#commands,
      possible: this.#possible,
      named: new Set(named.map((name) => programOf(literal(name)).text)),
      isObscure: this.#isObscure,
    };
  }

  #script(script: string, depth: number): void {
    this.#left -= 1;
    if (this.#left < 0) {
      this.#isUnclear = true;
      this.#data.push(script);
      return;
    }
    const parsed = depth > MAX_DEPTH ? undefined : parsedScript(script);
    if (parsed === undefined || (parsed.errors ?? []).length > 0) {
      // Bash runs everything before an error.
      this.#text(script);
      this.#isUnclear = true;
      this.#isObscure = true;
      this.#data.push(script);
    }
    if (parsed !== undefined) this.#tree(parsed, depth);
  }

  #tree(root: SyntaxNode, depth: number): void {
    const names = new Set<SyntaxNode>();
    walk(root, (node) => {
      if (node.type === 'Command') {
        if (node.name !== undefined) names.add(node.name);
        this.#command(node, depth);
      } else if (node.type === 'Pipeline') this.#pipeline(node);
      else if (node.type === 'Redirected') this.#redirected(node);
      else if (node.type === 'Redirect') this.#writesFile ||= isWrite(node);
      else if (node.type === 'HereDocBody') this.#data.push(node.text);
      else if (node.type === 'Word' && !names.has(node)) this.#dataWord(reachWord(node));
    });
  }

  #dataWord({ text, pieces }: ReachWord): void {
    // The scripts in its expansions are read by themselves.
    if (pieces !== undefined) {
      this.#data.push(pieces.join(' '));
      return;
    }
    this.#data.push(text);
    // Bash evaluates the index of an array, wherever it gets its name from.
    const index = text.indexOf('[');
    if (index >= 0 && Math.max(text.lastIndexOf('$('), text.lastIndexOf('`')) > index) this.#text(text);
  }

  #command({ name, prefix, suffix, redirects }: Command, depth: number): void {
    const fed = redirects.flatMap(fedText);
    if (name === undefined) return;
    const words = [reachWord(name), ...suffix.flatMap(suffixWord)];
    this.#found(this.#commands, words, 0, depth);
    this.#program(words, 0, depth);
    if (isReader(kindAt(words, 0))) for (const text of fed) this.#text(text);
    for (const part of prefix) {
      if (part.type !== 'Assignment') continue;
      // Git takes an alias from there; other programs a command to run.
      if (part.name.startsWith('GIT_CONFIG'))
        this.#possible.push({ words: [literal('git'), ANY_WORD], start: 0 });
      if (/\s/.test(part.text)) this.#text(part.text);
    }
  }

  /** What a later command of a pipeline reads may be commands. */
  #pipeline({ commands }: Pipeline): void {
    const isRead = commands.slice(1).some(hasReader);
    if (isRead)
      for (const command of commands.slice(0, -1)) for (const text of textsOf(command)) this.#text(text);
  }

  #redirected({ command, redirects }: Redirected): void {
    if (hasReader(command)) for (const text of redirects.flatMap(fedText)) this.#text(text);
  }

  /** Adds a command; one of git's with all that it may mean. */
  #found(list: Reached[], words: readonly ReachWord[], start: number, depth: number): void {
    list.push({ words, start });
    const name = words[start];
    if (name === undefined || kindOfProgram(programOf(name).text) !== 'git') return;
    for (const call of gitCalls(words, start)) {
      list.push({ words: call.words, start: 0 });
      for (const script of call.scripts) this.#script(script, depth + 1);
      for (const word of gitMayRun(call.words)) this.#argument(word);
    }
  }

  /** What the program at `at` may run of its arguments. */
  #program(words: readonly ReachWord[], at: number, depth: number): void {
    const name = words[at];
    if (name === undefined) return;
    if (name.pieces !== undefined || this.#left < 0) {
      this.#isUnclear = true;
      this.#data.push(name.text);
    }
    const program = programOf(name).text;
    if (WRITERS.has(program)) this.#writesFile = true;
    if (isPathOfProject(name.text)) this.#runsFile = true;
    const rest = words.slice(at + 1);
    switch (kindAt(words, at)) {
      case 'data':
      case 'git':
        return;
      case 'eval':
        if (rest.some(({ pieces }) => pieces !== undefined)) this.#isUnclear = true;
        this.#script(rest.map(({ text }) => text).join(' '), depth + 1);
        return;
      case 'source':
        this.#runs(rest[0]);
        return;
      case 'shell':
        this.#shell(rest, depth);
        return;
      case 'interpreter':
        this.#runs(rest.find(({ text }) => !text.startsWith('-')));
        for (const word of rest) if (/[\s(!]/.test(word.text)) this.#argument(word);
        return;
      case 'targets':
        for (const word of rest) if (/[\s=]/.test(word.text)) this.#argument(word);
        return;
      case 'wrapper':
        this.#wrapper(program, words, at, depth);
        return;
      case 'hidden':
        this.#isUnclear = true;
        this.#anyOf(words, at, depth);
        return;
      case 'any':
        if (!namesOnly(program, rest.find(({ text }) => !text.startsWith('-'))?.text ?? ''))
          this.#anyOf(words, at, depth);
    }
  }

  #shell(args: readonly ReachWord[], depth: number): void {
    this.#isObscure = true;
    let index = 0;
    let hasScript = false;
    for (let word = args[index]; word !== undefined && /^[-+]./.test(word.text); word = args[index]) {
      index += /^(?:[-+][oO]|--(?:rcfile|init-file))$/.test(word.text) ? 2 : 1;
      if (/^--(?:rcfile|init-file)/.test(word.text)) this.#isUnclear = true;
      hasScript ||= /^-[a-zA-Z]*c/i.test(word.text);
      if (/^-[a-zA-Z]*s/.test(word.text)) this.#isUnclear = true;
    }
    const operand = args[index];
    if (!hasScript && operand?.pieces === undefined) {
      this.#runs(operand);
      return;
    }
    // An expansion may be the option, too.
    if (operand === undefined || operand.pieces !== undefined) this.#isUnclear = true;
    const scripts = operand?.pieces === undefined ? args.slice(index, index + 1) : args.slice(index);
    for (const { text } of scripts) this.#script(text, depth + 1);
  }

  /** A program reads its commands from `operand`, or from its input. */
  #runs(operand: ReachWord | undefined): void {
    if (operand === undefined || /^(?:-|<\(.*|\/dev\/.*|\/proc\/.*)$/s.test(operand.text))
      this.#isUnclear = true;
    else this.#runsFile = true;
  }

  #wrapper(program: string, words: readonly ReachWord[], at: number, depth: number): void {
    if (program === 'command' && /^-[vV]/.test(words[at + 1]?.text ?? '')) return;
    this.#left -= Math.floor(words.length / 100);
    const takesMore = TAKES_MORE.test(program);
    const given = takesMore ? withPlaceholders(program, words) : words;
    const starts = startsOf(program, given, at);
    // `xargs sh -c` has its script from the input.
    const all = takesMore ? [...given, ANY_WORD] : given;
    for (const start of starts) this.#found(this.#commands, all, start, depth);
    for (const start of starts.slice(0, MAX_INNER)) {
      const kind = kindAt(all, start);
      const name = programOf(all[start] ?? ANY_WORD).text;
      // Every word behind other wrappers has its turn here anyway.
      if (kind === 'wrapper' ? program === 'find' || (!takesMore && TAKES_MORE.test(name)) : kind !== 'any')
        this.#inner(all, start, depth);
      if (all[start]?.pieces !== undefined) this.#isUnclear = true;
      // So `env -S` writes a space.
      const text = all[start]?.text.replaceAll('\\_', ' ') ?? '';
      if (/\s/.test(text)) this.#script(text, depth + 1);
    }
    for (const word of words.slice(at + 1)) if (word.text.startsWith('-')) this.#option(word);
    if (takesMore && kindAt(given, given.length - 1) === 'wrapper') this.#isUnclear = true;
    if (program === 'parallel' || (starts.length === 0 && STARTS_SHELL.test(program))) this.#isUnclear = true;
  }

  /** Any of the arguments may be a command, or a text with commands in it. */
  #anyOf(words: readonly ReachWord[], at: number, depth: number): void {
    for (let start = at + 1; start < words.length; start += 1) {
      const word = words[start];
      if (word === undefined) continue;
      if (word.text.startsWith('-')) this.#option(word);
      else {
        this.#found(this.#possible, words, start, depth);
        if (/\s/.test(word.text)) this.#text(word.text);
        if (kindAt(words, start) === 'shell' || kindAt(words, start) === 'eval')
          this.#inner(words, start, depth);
      }
    }
  }

  #inner(words: readonly ReachWord[], start: number, depth: number): void {
    this.#left -= 1;
    if (this.#left < 0) this.#isUnclear = true;
    else this.#program(words, start, depth);
  }

  #argument(word: ReachWord): void {
    if (word.pieces !== undefined) this.#isUnclear = true;
    this.#text(word.text);
  }

  /** `-S'git push'`, `--exec='git push'`. */
  #option({ text }: ReachWord): void {
    if (!/[\s=]/.test(text)) return;
    this.#text(text);
    const letters = /^-+[a-zA-Z]*/.exec(text)?.[0].length ?? 1;
    for (let at = 1; at < Math.min(letters, 12); at += 1) this.#first(text.slice(at));
  }

  /** Words of a text that is no shell script, or cannot be read as one: a command may begin at each. */
  #text(text: string): void {
    this.#charactersLeft -= text.length;
    if (this.#charactersLeft < 0) {
      this.#isUnclear = true;
      this.#data.push(text);
      return;
    }
    const words = tokensOf(text).map(literal);
    for (const [start, { text: token }] of words.entries()) {
      this.#found(this.#possible, words, start, MAX_DEPTH);
      // `--exec=git push`, `ext::git push`.
      const value = /[=:]([^=:]+)$/.exec(token)?.[1];
      if (value !== undefined)
        this.#found(this.#possible, [literal(value), ...words.slice(start + 1, start + 16)], 0, MAX_DEPTH);
    }
  }

  #first(text: string): void {
    this.#found(this.#possible, tokensOf(text).map(literal), 0, MAX_DEPTH);
  }
}

/** They complete the command with what they read or find. */
const TAKES_MORE = /^(?:xargs|find|fd|parallel)$/;
/** Without a command they run a shell. */
const STARTS_SHELL = /^(?:chroot|doas|nsenter|runuser|script|su|sudo|unshare)$/;

function parsedScript(script: string): ParsedScript | undefined {
  if (script.length > MAX_PARSED) return undefined;
  const { parse } = load('unbash') as typeof import('unbash');
  try {
    const parsed = parse(script);
    return (parsed.errors ?? []).length > 0 && script.length > MAX_BROKEN ? undefined : parsed;
  } catch {
    return undefined;
  }
}

function walk(root: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  const { forEachChild } = load('unbash') as typeof import('unbash');
  const pending: SyntaxNode[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    visit(node);
    forEachChild(node, (child) => pending.push(child));
  }
}

function suffixWord(part: Command['suffix'][number]): ReachWord[] {
  if (part.type === 'Word') return [reachWord(part)];
  return part.type === 'Assignment' ? [literal(part.text)] : [];
}

function kindAt(words: readonly ReachWord[], at: number): ReturnType<typeof kindOfProgram> {
  const name = words[at];
  return name === undefined ? 'data' : kindOfProgram(programOf(name).text);
}

/** Where the arguments of a wrapper may begin the command that it runs. */
function startsOf(program: string, words: readonly ReachWord[], at: number): readonly number[] {
  const starts: number[] = [];
  for (let index = at + 1; index < words.length; index += 1) {
    const before = words[index - 1]?.text ?? '';
    const { text = '' } = words[index] ?? {};
    const isStart = program === 'find' ? /^-(?:exec|ok)/.test(before) : !text.startsWith('-');
    if (isStart) starts.push(index);
  }
  return starts;
}

/** What `{}`, or the word that `xargs -I` names, stands for is not known. */
function withPlaceholders(program: string, words: readonly ReachWord[]): readonly ReachWord[] {
  const option = program === 'xargs' ? words.findIndex(({ text }) => /^-[IJ]/.test(text)) : -1;
  const attached = words[option]?.text.slice(2) ?? '';
  const isNext = option >= 0 && attached === '';
  const signs = ['{}', isNext ? (words[option + 1]?.text ?? '') : attached].filter((sign) => sign !== '');
  return words.map((word, index) => {
    if (isNext && index === option + 1) return literal('-');
    const sign = signs.find((each) => word.text.includes(each));
    return sign === undefined ? word : { text: word.text, pieces: word.text.split(sign) };
  });
}

function isPathOfProject(name: string): boolean {
  return name.includes('/') && !/^\/(?:usr|bin|sbin|opt|nix|snap)\//.test(name);
}

function isWrite({ operator, target }: Extract<SyntaxNode, { type: 'Redirect' }>): boolean {
  return operator.includes('>') && !/^(?:\/dev\/null|\d+|-)$/.test(target?.text ?? '');
}

function fedText(redirect: Redirection): string[] {
  if (redirect.type === 'HereDoc') return [redirect.body.text];
  return redirect.type === 'HereString' && redirect.target !== undefined
    ? [reachWord(redirect.target).text]
    : [];
}

function isReader(kind: ReturnType<typeof kindOfProgram>): boolean {
  return kind !== 'data' && kind !== 'git';
}

/** True if a command below may take its input for commands. */
function hasReader(root: SyntaxNode): boolean {
  let found = false;
  walk(root, (node) => {
    if (node.type !== 'Command' || node.name === undefined) return;
    found ||= isReader(kindOfProgram(programOf(reachWord(node.name)).text));
  });
  return found;
}

/** What commands write, or might: their arguments and their here-documents. */
function textsOf(root: SyntaxNode): string[] {
  const texts: string[] = [];
  walk(root, (node) => {
    if (node.type !== 'Command') return;
    texts.push(
      node.suffix
        .flatMap(suffixWord)
        .map(({ text }) => text)
        .join(' '),
    );
    texts.push(...node.redirects.flatMap(fedText));
  });
  return texts;
}

/** Words of a text in whatever language. */
function tokensOf(text: string): string[] {
  return text
    .replace(/\\[_nrtfv]/g, ' ')
    .replace(/\$?["'`\\]/g, '')
    .split(/[^\p{L}\p{N}_.+@%:/=~*?$-]+/u)
    .filter((token) => token !== '');
}
