/**
 * Recognises an answer that only says what the model is about to do, as small models do instead of doing it.
 *
 * Pure and cautious: it must be a short text whose last sentence begins with "I will", "Let me" and the like, names
 * work that a tool does, and sets no condition.
 */

/** A longer text is an answer that happens to end like this. */
const MAX_LENGTH = 400;

const OPENING =
  /^(?:(?:ok(?:ay)?|sure|great|now|next|first|then|so|and|alright|certainly|of course)[,.!:]?\s+)*/i;
const INTENT =
  /^(?:i will|i['’]ll|i am going to|i['’]m going to|let me|let['’]s|i need to|i am about to)\s+(?:(?:now|first|next|then|also|just|quickly|start by|begin by|go ahead and|need to)\s+)*/i;
const WORK =
  /^(?:(?:re-?)?(?:read|open|look|check|search|find|list|run|execute|inspect|examine|view|create|write|edit|update|modify|change|fix|add|remove|delete|rename|replace|apply|implement|test|verify|explore|locate|grep|patch|call|use)|(?:read|open|check|search|list|runn|execut|inspect|examin|creat|writ|edit|updat|modify|chang|fix|add|remov|delet|renam|replac|apply|test|verify|explor|look)ing)\b/i;
const CONDITION =
  /\b(?:if|once|when|whenever|unless|until|would you|do you|you can|you may|you want|for you to)\b|\?/i;

export function endsInAnnouncement(text: string): boolean {
  const whole = text.trim();
  if (whole.length === 0 || whole.length > MAX_LENGTH || whole.includes('```')) return false;
  const sentence = lastSentence(whole).replace(OPENING, '');
  const intent = INTENT.exec(sentence);
  return intent !== null && WORK.test(sentence.slice(intent[0].length)) && !CONDITION.test(sentence);
}

/** A dot inside a file name does not end a sentence. */
function lastSentence(text: string): string {
  const end = text.replace(/[\s.:…!]+$/u, '');
  return (
    end
      .split(/[.!?:;]\s+|\n+/)
      .at(-1)
      ?.replace(/^[\s*\->#\d.)]+/, '') ?? ''
  );
}
