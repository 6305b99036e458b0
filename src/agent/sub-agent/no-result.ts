/** Answers of a sub-agent that are no result: nothing, what it is about to do, calls that it describes instead of making them. */
import { endsInAnnouncement } from '../announcement.ts';

const CALL = /"name"\s{0,20}:\s{0,20}"[\w.-]{1,64}"\s{0,20},\s{0,20}"(?:arguments|parameters)"\s{0,20}:/;

export function isNoResult(text: string): boolean {
  return text.trim() === '' || endsInAnnouncement(text) || describesCall(text);
}

/** Also among sentences, where it could be an example for a reader; whoever only reads has none to write. */
export function describesCall(text: string): boolean {
  return CALL.test(text);
}
