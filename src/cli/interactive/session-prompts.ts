/**
 * The texts that /init and /review send to the model as the user's, from prompts/.
 *
 * Does not: send them, or run git.
 */
import initText from '../../../prompts/init.md?raw';
import reviewText from '../../../prompts/review.md?raw';

export function initPrompt(): string {
  return initText.trim();
}

/**
 * @param what what stands behind /review: nothing or `uncommitted`, `base BRANCH`, `commit ID`, or the user's own words
 * for what is to be reviewed.
 */
export function reviewPrompt(what: string): string {
  // A function, because the user's words may hold `$&`.
  return reviewText.trim().replace('{what}', () => describe(what.trim()));
}

function describe(what: string): string {
  const [, kind, name] = /^(?:--)?(base|commit)[ =]+(\S+)$/.exec(what) ?? [];
  if (kind === 'base') return `what this branch adds to ${name} (\`git diff ${name}...HEAD\`)`;
  if (kind === 'commit') return `the commit ${name} (\`git show ${name}\`)`;
  if (what !== '' && !/^(?:--)?uncommitted$/.test(what)) return what;
  return 'the uncommitted changes of this repository, new files included (`git status`, `git diff HEAD`)';
}
