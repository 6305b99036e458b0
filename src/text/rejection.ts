/**
 * Why a call was not run, for people. The model is told in the words that it was trained on, which name settings.
 *
 * Invariant: what is not known here is shown as the model gets it, which is written for both.
 */
const NOT_ASKED = 'needs your approval, and this session never asks';

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^approval required by policy, but AskForApproval is set to Never/, `It ${NOT_ASKED}.`],
  [/^approval policy is Never; reject command[^\n]*/, `It was to leave the sandbox, which ${NOT_ASKED}.`],
  [
    /^command rejected: no sandbox works on this machine[^\n]*/,
    `No sandbox works on this machine. Without one it ${NOT_ASKED}. \`oagent doctor\` says what is missing.`,
  ],
  [
    /^rm -f style commands are not permitted\. Use a safer approach/,
    `It force-deletes files, which ${NOT_ASKED}.`,
  ],
  [
    /^`.*?` rejected: policy forbids commands starting with (`[^`]*`)/s,
    'A rule forbids commands that begin with $1.',
  ],
  [/^`.*?` rejected: blocked by policy/s, 'A rule forbids it.'],
  [/^`.*?` rejected: /s, 'A rule forbids it: '],
  [
    /^writing is blocked by read-only sandbox; rejected by user approval settings/,
    'Nothing may be written in this session.',
  ],
  [
    /^writing outside of the project; rejected by user approval settings/,
    'It writes outside of the folders that this session may write to.',
  ],
  [/^(?:exec command )?rejected by user/, 'You declined it.'],
];

/** The reason in the user's words; the rest of the message stays. */
export function reasonForUser(message: string): string {
  const reason = message
    .trim()
    .replace(/^(?:(?:patch|edit_file|write_file) rejected|apply_patch verification failed): /, '');
  const [pattern, words] = WORDS.find(([known]) => known.test(reason)) ?? [];
  return pattern === undefined || words === undefined ? reason : reason.replace(pattern, words);
}

const HEADS: ReadonlyMap<string, string> = new Map([
  ['shell', 'The command was not run'],
  ['exec_command', 'The command was not run'],
  ['run_tests', 'The tests were not run'],
  ['write_stdin', 'The input was not sent'],
  ['apply_patch', 'The edit was not made'],
  ['edit_file', 'The edit was not made'],
  ['write_file', 'The file was not written'],
  ['read_file', 'The file was not read'],
  ['view_image', 'The image was not looked at'],
  ['ripgrep', 'The search was not run'],
  ['search_code', 'The search was not run'],
  ['update_plan', 'The plan was not updated'],
  ['ask_user', 'The question was not asked'],
]);

/** What did not happen. A tool that does not exist has only its name, which is from the model. */
export function rejectionHead(tool: string): string {
  return HEADS.get(tool) ?? `${tool || 'A call'} was not run`;
}
