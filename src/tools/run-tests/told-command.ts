/**
 * The command with which instructions for agents (AGENTS.md) say that tests are run. Careful: only a plain statement counts, because a
 * project has more commands that test something than the one that is meant.
 */
import { checkOf } from '../../context/seen/checks.ts';

const CODE = '`([^`\\n]{1,200})`';
/** `- Test: …`, `Run the tests with …`, `To run all unit tests, use …` */
const BEFORE = new RegExp(
  String.raw`^[\s>*+-]*(?:\*\*)?(?:to )?(?:run |running |execute )?(?:(?:all|the|our|full|unit) )*tests?(?:s|ing| suite| command)?(?:\*\*)?(?: are run| is run)?(?: with| using| by|, use|, run)?(?:\*\*)?\s*:?\s*(?:\*\*)?\s*${CODE}`,
  'i',
);
/** `…: run the tests`, `… runs all tests` */
const AFTER = new RegExp(
  String.raw`^[\s>*+-]*${CODE}\s*(?:[:,(#–—-]+\s*)?(?:to )?(?:runs? |execute )?(?:(?:all|the|our|full|unit|whole) )*test(?:s|ing| suite)?\b`,
  'i',
);
const HEADING = /^#{1,6}\s+(?:how to |run(?:ning)? )?(?:the )?(?:tests?|testing)\s*$/i;
const NEXT_HEADING = /^#{1,6}\s/;
/** Of a line in a block of code, or in backticks, below such a heading. */
const LINE = /^\s*(?:\$ )?(\S[^`]{0,200})$/;
/** What stands for something else, and what installs. */
const NO_COMMAND = /[<>{}…]|\.{3}(?!\s|$)|\binstall\b|\bnpm c?it?\b|\b(?:FILE|NAME|PATH)\b/;

/** @returns undefined: it names none. */
export function toldCommand(instructions: string): string | undefined {
  let isBelow = false;
  for (const line of instructions.split(/\r?\n/)) {
    if (NEXT_HEADING.test(line)) isBelow = HEADING.test(line);
    const code = (BEFORE.exec(line) ?? AFTER.exec(line))?.[1] ?? (isBelow ? LINE.exec(line)?.[1] : undefined);
    const command = code?.replace(/\s+#.*$/, '').trim();
    if (command !== undefined && isTestCommand(command)) return command;
  }
  return undefined;
}

function isTestCommand(command: string): boolean {
  if (NO_COMMAND.test(command)) return false;
  const check = checkOf(command);
  return check?.kind === 'test' && check.decides;
}
