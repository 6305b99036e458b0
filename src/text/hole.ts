/** Lines that models put in the place of others that they do not want to repeat. */
const MOST_HOLE = 160;
const REST =
  /^\(?(?:keep |leave )?(?:the |all |your )*(?:rest|remaining|other|existing|previous|original|same|unchanged)\b.{0,60}(?:code|functions?|file|content|lines|unchanged|methods?|imports?|class|implementation|logic|above|below|before|here|remain|same).{0,20}$/i;
const LEFT_OUT = /^\(?(?:unchanged|omitted|no changes?|existing code|code omitted)\)?$/i;

/** `# ... rest of the code`, `...`, `// other functions`: a placeholder for other lines. */
export function isHole(line: string): boolean {
  if (line.length > MOST_HOLE) return false;
  const plain = line.replace(/\s+/g, ' ');
  const mark = /^(?:#|\/\/|\{?\/\*|--|<!--|;|%) ?/.exec(plain)?.[0] ?? '';
  const inner = plain.slice(mark.length).replace(/ ?(?:\*\/\}?|-->)$/, '');
  const ending = inner.replace(/^(?:\.\.\.|…) ?/, '');
  const words = ending.replace(/ ?(?:\.\.\.|…)$/, '');
  const hasDots = words !== inner;
  if (words === '') return hasDots;
  // `// ... imports ...`
  if (mark !== '' && ending !== inner && words !== ending) return true;
  // Without any of these it is code: `rest = lines[1:]`.
  return (mark !== '' || hasDots || words.startsWith('(')) && (REST.test(words) || LEFT_OUT.test(words));
}
