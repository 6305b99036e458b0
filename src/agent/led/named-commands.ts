/** The commands that a message names. Pure and linear: a word is taken for one only if it can hardly be anything else. */
const RUNNERS =
  'python3?|node|deno|bun|npm|npx|pnpm|yarn|pytest|go|cargo|make|bash|sh|ruby|perl|php|java|mvn|gradle|dotnet|tsc|jest|vitest|mocha|rspec|ctest|cmake';
const COMMAND = new RegExp(String.raw`^(?:\w+=\S*\s+)*(?:(?:${RUNNERS})(?:\s|$)|\.{1,2}/[\w./-]+(?:\s|$))`);
/** A program without arguments, or a file that is imported rather than run. */
const NO_COMMAND =
  /^(?:python3?|node|deno|bun|npm|npx|pnpm|yarn|go|cargo|bash|sh|ruby|perl|php|java|dotnet)$|^\.{1,2}\/\S+\.(?:[cm]?[jt]sx?|vue|svelte|css|json|md|html?|h|hpp)$/;
/** Words that end a command in a sentence. */
const WORDS =
  'and|or|then|to|in|on|with|that|which|so|must|should|shall|has|have|fails?|passes|pass|works?|succeeds?|is|are|the|a|an|of|for|from|as|but|if|when|until|after|before|again|now|please|it|prints?|gives?|says|tells?|reports?';
const ARGUMENT = String.raw`(?!(?:${WORDS})(?![\w./=-]))(?:(?:\./)?\.\.\.|-{1,2}[\w=./-]+|[\w@./-]*[\w/])`;
const BARE_COMMAND = new RegExp(
  String.raw`(?:^|[\s:(])((?:${RUNNERS})\s+(${ARGUMENT})(?:[ \t]+${ARGUMENT}){0,5})`,
  'g',
);
/** `python gen.py`, `npm test`; not `python script` or `make sure`. */
const FIRST_ARGUMENT =
  /[./]|^-|^(?:tests?|build|check|lint|run|start|install|ci|exec|task|fmt|vet|clean|all|tsc|jest|vitest|mocha|eslint)$/;
/** Whatever program it is: `run \`git log -3\``, and a line of its own such as `run: git log -3`. */
const ORDERED =
  /\b(?:run|execute)[: ] ?(?:the command:? )?`([^`\n]*[^`\n)])`|^ ?(?:please )?(?:run|execute): ?([^`\n]+)$/gim;
const MOST_COMMANDS = 8;
const MOST_COMMAND = 300;

/** Commands that are ordered or in backticks; if there are none, those that begin with a program that runs or builds things. */
export function namedCommands(text: string): string[] {
  const ordered = new Set([...text.matchAll(ORDERED)].map(([, code, line]) => plain(code ?? line ?? '')));
  const quoted = [
    ...ordered,
    ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => plain(code)),
  ].filter(
    (code) =>
      code !== '' &&
      code.length <= MOST_COMMAND &&
      (ordered.has(code) || COMMAND.test(code)) &&
      !NO_COMMAND.test(code),
  );
  if (quoted.length > 0) return [...new Set(quoted)].slice(0, MOST_COMMANDS);
  const bare = [...text.replace(/`[^`\n]*`/g, '` `').matchAll(BARE_COMMAND)]
    .filter(([, , first = '']) => FIRST_ARGUMENT.test(first))
    .map(([, code = '']) => code.trim());
  return [...new Set(bare)].filter((code) => code.length <= MOST_COMMAND).slice(0, MOST_COMMANDS);
}

/** Without the sign of a prompt before it. */
function plain(code: string): string {
  return code.trim().replace(/^\$\s+/, '');
}
