/** The prompts behind /init and /review. */
import initText from '../../../prompts/init.md?raw';
import reviewText from '../../../prompts/review.md?raw';

export function initPrompt(): string {
  return initText.trim();
}

/**
 * @param what the argument of /review: nothing or `uncommitted`, `base BRANCH`, `commit ID`, or the user's own words
 * for what to review.
 */
export function reviewPrompt(what: string): string {
  // A function, because the user's words may contain `$&`.
  return reviewText.trim().replace('{what}', () => describe(what.trim()));
}

function describe(what: string): string {
  const [, kind, name] = /^(?:--)?(base|commit)[ =]+(\S+)$/.exec(what) ?? [];
  if (kind === 'base') return `what this branch adds to ${name} (\`git diff ${name}...HEAD\`)`;
  if (kind === 'commit') return `the commit ${name} (\`git show ${name}\`)`;
  if (what !== '' && !/^(?:--)?uncommitted$/.test(what)) return what;
  return 'the uncommitted changes of this repository, new files included (`git status`, `git diff HEAD`)';
}
