/**
 * What commands get in place of an editor, which would wait for a person: it fails at once and says what to do instead.
 *
 * git's own editor accepts a text that is already there, so that `git rebase --continue`, a merge and `git revert` work.
 */
import keptText from '../../prompts/commands/kept-text.md?raw';
import noEditor from '../../prompts/commands/no-editor.md?raw';
import { shellWord } from '../text/shell-word.ts';

const REFUSE = `echo ${shellWord(noEditor.trim())} >&2; exit 1`;

/** The comments that git puts into an empty message are no text, nor is the diff of `git commit -v`. */
const HAS_TEXT = 'sed "/^. -* >8 -*$/,\\$d" "$1" | grep -qv "^[[:space:]]*\\(#.*\\)\\{0,1\\}$"';
const ACCEPT = `if ${HAS_TEXT}; then echo ${shellWord(keptText.trim())} >&2; exit 0; fi; ${REFUSE}`;

/** For any program. Where it is split at its blanks and not run by a shell, it fails too. */
export const NO_EDITOR = `sh -c ${shellWord(REFUSE)}`;

/** For the texts that git asks for. */
export const NO_GIT_EDITOR = `sh -c ${shellWord(ACCEPT)} editor`;
