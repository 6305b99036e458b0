/** A review in words: what the user types behind `/review`, and what the turn is that comes of it. */
import type { AgentOp, ReviewWanted, WantedChanges } from '../protocol.ts';

const NAMED = /^(?:(base|commit)[ =]+(\S+)|--(base|commit)[ =]+(\S+)(?:\s+([\s\S]+))?)$/;
const UNCOMMITTED = /^(?:--)?uncommitted(?:\s+([\s\S]+))?$/;

/** `base BRANCH`, `commit ID`, `uncommitted`, or words for what to look for in the uncommitted changes. With `--` words may follow. */
export function typedReview(typed: string): ReviewWanted {
  const args = typed.trim();
  const [, plain, plainName, flag, flagName, words] = NAMED.exec(args) ?? [];
  const type = plain ?? flag;
  const name = plainName ?? flagName;
  if ((type === 'base' || type === 'commit') && name !== undefined)
    return { changes: { type, name }, instructions: words };
  const uncommitted = UNCOMMITTED.exec(args);
  const instructions = uncommitted === null ? args : (uncommitted[1] ?? '');
  return { changes: { type: 'uncommitted' }, instructions: instructions === '' ? undefined : instructions };
}

/** The message by which the conversation knows of it. */
export function reviewTurn(review: ReviewWanted): Extract<AgentOp, { type: 'user_turn' }> {
  const { changes, instructions } = review;
  const words = instructions === undefined ? '' : ` ${instructions}`;
  const what = changes.type === 'uncommitted' ? '--uncommitted' : `--${changes.type} ${changes.name}`;
  return {
    type: 'user_turn',
    text: `Review ${describeChanges(changes)}.${words}`,
    shownAs: `/review ${what}${words}`,
    review,
  };
}

/** Completes "review of …". */
export function describeChanges(changes: WantedChanges): string {
  switch (changes.type) {
    case 'uncommitted':
      return 'the uncommitted changes';
    case 'base':
      return `what this branch adds to ${changes.name}`;
    case 'commit':
      return `the commit ${changes.name}`;
    default:
      return changes satisfies never;
  }
}
