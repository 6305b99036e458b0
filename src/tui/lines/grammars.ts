/**
 * The languages that are highlighted; a module of its own, so that the other 150 stay out of the build.
 *
 * A grammar is built when code in its language is shown: all of them take as long as a whole answer does.
 */
import type { Root } from 'hast';
import { common, createLowlight } from 'lowlight';

/** What fences are called most; for any other name all grammars are built, which know their own. */
const LANGUAGES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bash: 'sh zsh console shellsession',
    c: 'h',
    cpp: 'c++ cc hpp',
    csharp: 'cs',
    go: 'golang',
    ini: 'toml cfg conf',
    javascript: 'js jsx mjs cjs',
    json: 'jsonc',
    kotlin: 'kt',
    makefile: 'make mk',
    markdown: 'md',
    plaintext: 'text txt',
    python: 'py',
    ruby: 'rb',
    rust: 'rs',
    typescript: 'ts tsx mts cts',
    xml: 'html svg',
    yaml: 'yml',
  }).flatMap(([language, names]) => names.split(' ').map((name) => [name, language] as const)),
);

export class Grammars {
  readonly #lowlight = createLowlight();

  /** @param name lower case. @returns undefined: there is no such language. */
  highlight(name: string, code: string): Root | undefined {
    const language = LANGUAGES.get(name) ?? name;
    if (!this.#lowlight.registered(language)) this.#build(language);
    return this.#lowlight.registered(language) ? this.#lowlight.highlight(language, code) : undefined;
  }

  #build(language: string): void {
    if (Object.hasOwn(common, language)) this.#add(language);
    else for (const name of Object.keys(common)) this.#add(name);
  }

  /** With the languages that its code may hold, as HTML holds scripts. */
  #add(language: string): void {
    const grammar = common[language];
    if (grammar === undefined || this.#lowlight.listLanguages().includes(language)) return;
    const held = new Set<string>();
    this.#lowlight.register(language, (hljs) => {
      const built = grammar(hljs);
      addLanguagesIn(built, held, new Set());
      return built;
    });
    for (const name of held) this.#add(name);
  }
}

function addLanguagesIn(mode: object, languages: Set<string>, seen: Set<object>): void {
  if (seen.has(mode)) return;
  seen.add(mode);
  for (const [key, value] of Object.entries(mode)) {
    if (key === 'subLanguage') for (const name of [value].flat()) languages.add(name);
    else if (typeof value === 'object' && value !== null) addLanguagesIn(value, languages, seen);
  }
}
