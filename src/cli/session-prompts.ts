/**
 * The texts that /init and /review send to the model as the user's, from prompts/.
 *
 * Does not: send them, or run git.
 */
import initText from '../../prompts/init.md?raw';
import reviewText from '../../prompts/review.md?raw';

export type ReviewTarget =
  | { readonly kind: 'uncommitted' }
  | { readonly kind: 'base'; readonly branch: string }
  | { readonly kind: 'commit'; readonly commit: string }
  /** The user's own words. */
  | { readonly kind: 'custom'; readonly what: string };

export function initPrompt(): string {
  return initText.trim();
}

export function reviewPrompt(target: ReviewTarget): string {
  // A function, because the user's words may hold `$&`.
  return reviewText.trim().replace('{what}', () => describe(target));
}

function describe(target: ReviewTarget): string {
  switch (target.kind) {
    case 'uncommitted':
      return 'the uncommitted changes of this repository, new files included (`git status`, `git diff HEAD`)';
    case 'base':
      return `what this branch adds to ${target.branch} (\`git diff ${target.branch}...HEAD\`)`;
    case 'commit':
      return `the commit ${target.commit} (\`git show ${target.commit}\`)`;
    case 'custom':
      return target.what;
    default:
      return target satisfies never;
  }
}
