/** The first lines of a session: what it is, with which model, where, and what it may do. Rows fit the width. */
import { groupDigits } from '../../text/digits.ts';
import { oneLine } from './clean.ts';
import { modelName, shortPath } from './short-path.ts';
import type { LineContext } from './style.ts';
import { truncateEnd, truncateMiddle } from './width.ts';

interface HeaderFacts {
  readonly version: string;
  /** Undefined: none was chosen yet. */
  readonly model: string | undefined;
  readonly isLed: boolean;
  /** Tokens. */
  readonly window?: number;
  /** Its address, where there are several. */
  readonly host?: string | undefined;
  /** `workspace-write`, and so on. */
  readonly sandbox: string;
  /** `on-request`, and so on. */
  readonly approval: string;
}

const LABEL = 'directory  '.length;

export function headerLines(facts: HeaderFacts, ctx: LineContext): string[] {
  const { bold, dim, cyan } = ctx.style;
  const room = ctx.width - 1;
  const hasLabels = room >= 40;
  const cells = room - 2 - (hasLabels ? LABEL : 0);
  const row = (label: string, value: string): string =>
    `  ${hasLabels ? dim(label.padEnd(LABEL)) : ''}${truncateEnd(value, cells)}`;
  const model = facts.model === undefined ? 'none yet' : modelName(facts.model, facts.isLed);
  const window = facts.window === undefined ? '' : dim(` · ${groupDigits(facts.window)} tokens`);
  return [
    truncateEnd(`${cyan('∴')} ${bold('oagent')} ${dim(oneLine(facts.version, 40))}`, room),
    row('model', `${model}${window}`),
    ...(facts.host === undefined ? [] : [row('host', oneLine(facts.host))]),
    row('directory', truncateMiddle(oneLine(shortPath(ctx.cwd, ctx)), cells)),
    row('sandbox', `${oneLine(facts.sandbox)}${dim(` · ${oneLine(facts.approval)}`)}`),
  ];
}
