/** Grammars that are built one by one make of code what all of them do. */
import { common, createLowlight } from 'lowlight';
import { expect, test, vi } from 'vitest';
import { Grammars } from '../../../src/tui/lines/grammars.ts';

const whole = createLowlight(common);
// What people write, beyond the names that the languages know.
whole.registerAlias({ ini: ['cfg', 'conf'], bash: ['console', 'shellsession'] });

/** Of all that is highlighted in one language or another; some of it in one that is within it. */
const CODE = [
  `<p class="a">b</p><style>p { color: red }</style><script>let x = \`\${y}\`; // z</script>`,
  '# Title\n\n**bold** `code` <b>c</b>\n\n- a: "b"\n\n    x = 1\n',
  `const a = <T,>(b: T): string => html\`<i>\${b}</i>\`; const c = css\`i { top: 0 }\`; gql\`query { a }\`;`,
  '<?php echo "a $b"; ?><b>c</b>\n$ ls -la # list\n>>> print("x")\n',
  '@media (x) { a::after { content: "b"; color: #fff } }\n[a]\nb = 1\n',
  'def f(x): return f"{x}" # c\nclass A < B; end\nfn main() { let x: u8 = 1; }\nSELECT a FROM b;\n',
].join('\n');

/** Names of languages, and what they are called beside. */
function names(): string[] {
  const known = createLowlight();
  const aliases = Object.entries(common).flatMap(([name, grammar]) => {
    let found: readonly string[] = [];
    known.register(name, (hljs) => {
      const built = grammar(hljs);
      found = built.aliases ?? [];
      return built;
    });
    return found;
  });
  return [...new Set([...Object.keys(common), ...aliases, 'cfg', 'conf', 'console', 'shellsession'])];
}

test.each(names())('%s', (name) => {
  // In a set of its own: nothing was built for another one.
  expect(new Grammars().highlight(name.toLowerCase(), CODE)?.children).toEqual(
    whole.highlight(name, CODE).children,
  );
});

test('only what the code needs is built, once', () => {
  const built: string[] = [];
  for (const name of Object.keys(common)) {
    const grammar = common[name];
    if (grammar === undefined) continue;
    vi.spyOn(common, name).mockImplementation((hljs) => {
      built.push(name);
      return grammar(hljs);
    });
  }
  const grammars = new Grammars();
  const builtFor = (name: string): string[] => {
    grammars.highlight(name, CODE);
    return built.splice(0).sort();
  };
  expect(['py', 'python', 'ts', 'tsx', 'js', 'html'].map(builtFor)).toEqual([
    ['python'],
    [],
    ['css', 'graphql', 'javascript', 'typescript', 'xml'],
    [],
    [],
    [],
  ]);
  vi.restoreAllMocks();
});

test('a language that is not known has no colours', () => {
  const grammars = new Grammars();
  expect(['klingon', '__proto__', 'constructor', ''].map((name) => grammars.highlight(name, 'a'))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
