/**
 * Reads an answer as it comes, into what the model thought and what it said.
 *
 * Marks of thinking in the text make it thinking, and only what follows the last of it was said: a draft before it was
 * thought away, and so was everything before a closing mark whose opening one was in the prompt. A mark that is talked
 * about stays text: in a code span or fence, in the middle of a line, in the value of a call's argument. How the text is
 * cut into pieces makes no difference. Linear; never throws.
 */
import {
  BARE_ANALYSIS,
  BARE_FINAL,
  isUnfinished,
  MARK_START,
  type Mark,
  markAt,
  withoutFrame,
} from './marks.ts';
import { FUNCTION_START, JSON_START, matched, SURE_OPENS } from './opens.ts';
import { TextPlace } from './text-place.ts';

/** A piece of an answer. `rethought`: what came as text so far was thinking. */
export interface AnswerDelta {
  readonly type: 'thinking' | 'text' | 'rethought';
  /** All that was rethought; empty for text that may be a call: whether it is will be known at the end. */
  readonly text: string;
}

export interface ReadAnswer {
  /** What was said after the last thinking; what was said before it, if that is all there is. */
  readonly text: string;
  readonly thinking: string;
  /** The text was followed by thinking: no call in it is meant. */
  readonly isDraft: boolean;
  /** The thinking in the text was closed: no call in it is meant. */
  readonly isThoughtClosed: boolean;
  /** Nothing was said in gpt-oss's final channel, only in its commentary. */
  readonly isCommentary: boolean;
}

const LOOK_AHEAD = 16;
/** What is looked at to tell whether JSON is a call. */
const JSON_LOOK = 80;
/** What is looked at to tell channels without marks. */
const BARE_START = 20;
const BARE_WORDS = ['assistantanalysis', 'assistantfinal', 'analysis'];
/** Between channels without marks. */
const BARE_NEXT = /assistant(?:final(?=[^\sa-z]|\n|$)|commentary(?= to=|[A-Z]))/;
const BARE_NEXT_LENGTH = 24;

const SENTENCE_ABOUT =
  /^[ \t]?(?:[,;)]|[ \t](?:tags?|elements?|blocks?|pairs?|markers?|sections?|is|are|was|were|and|or|means?|should|must|can|may)\b)/;
const GOES_ON = /^[ \t]+\p{Ll}/u;
const LINE_END = /^[ \t]*(?:\n|\r|$)/;
const NEW_SENTENCE = /^[\p{Lu}\p{Lo}\d#*<{]/u;
const CALL_CLOSED = /[>}\])]/;
const QUOTES = '`"\'';

export class AnswerReader {
  readonly #onDelta: (delta: AnswerDelta) => void;
  readonly #tools: readonly string[];
  #pending = '';
  #mode: 'start' | 'text' | 'tag' | 'channel' | 'bare' = 'start';
  #text = '';
  #thoughts: string[] = [];
  /** Which of the thoughts is the text before the last thinking. */
  #draft = -1;
  #place = new TextPlace();
  #hasMarks = false;
  #isAfterEnd = false;
  #isThoughtClosed = false;
  #isCommentary = false;
  /** What comes may be a call, which nobody wants to see. */
  #isCall = false;

  /** @param tools names of tools: an answer that begins by calling one of them as a function is held back. */
  constructor(onDelta: (delta: AnswerDelta) => void = () => undefined, tools: readonly string[] = []) {
    this.#onDelta = onDelta;
    this.#tools = tools;
  }

  /** Takes a piece of what the server calls content. */
  add(piece: string): void {
    this.#pending += piece;
    this.#read(false);
  }

  /** Nothing follows. */
  end(): ReadAnswer {
    this.#read(true);
    const draft = this.#text.trim() === '' ? this.#thoughts[this.#draft] : undefined;
    const thoughts = draft === undefined ? this.#thoughts : this.#thoughts.toSpliced(this.#draft, 1);
    const text = draft ?? this.#text;
    return {
      text: this.#hasMarks ? withoutFrame(text) : text,
      thinking: thoughts.join('').trim(),
      isDraft: draft !== undefined,
      isThoughtClosed: this.#isThoughtClosed && this.#mode === 'text',
      isCommentary: this.#isCommentary,
    };
  }

  #read(isEnd: boolean): void {
    while (this.#pending !== '') {
      if (!this.#step(isEnd)) return;
    }
  }

  /** @returns whether anything was read. */
  #step(isEnd: boolean): boolean {
    if (this.#mode === 'start') return this.#begin(isEnd);
    if (this.#mode === 'bare') return this.#readBare(isEnd);
    const at = this.#pending.search(MARK_START);
    if (at !== 0) return this.#pass(at === -1 ? this.#pending.length : at);
    if (!isEnd && isUnfinished(this.#pending)) return false;
    const mark = markAt(this.#pending);
    this.#isCall ||= this.#isCallStart();
    if (mark === undefined) return this.#pass(1);
    const after = this.#pending.slice(mark.text.length, mark.text.length + LOOK_AHEAD);
    if (!isEnd && after.length < LOOK_AHEAD && !after.includes('\n')) return false;
    return this.#mode === 'text' ? this.#markInText(mark, after) : this.#markInThinking(mark, after);
  }

  #begin(isEnd: boolean): boolean {
    const words = this.#pending.trimStart();
    const isOpen =
      words.length < BARE_START &&
      BARE_WORDS.some((word) => `${word} `.startsWith(words.slice(0, word.length + 1)));
    if (!isEnd && isOpen) return false;
    if (!isEnd && /^(?:[[{]|`{1,3}\w{0,12}\s*(?:[[{]|$))/.test(words) && words.length < JSON_LOOK)
      return false;
    const [start, name = '', bracket] = FUNCTION_START.exec(words) ?? [''];
    const isName = bracket === undefined ? isBeginning(name, this.#tools) : this.#tools.includes(name);
    if (!isEnd && bracket === undefined && isName && start === words) return false;
    this.#isCall = JSON_START.test(words) || (bracket !== undefined && isName);
    const analysis = matched(BARE_ANALYSIS, this.#pending, 0);
    const length = analysis === 0 ? matched(BARE_FINAL, this.#pending, 0) : analysis;
    this.#mode = analysis === 0 ? 'text' : 'bare';
    if (length > 0) this.#drop(length);
    return true;
  }

  #readBare(isEnd: boolean): boolean {
    const next = BARE_NEXT.exec(this.#pending);
    if (next === null) {
      const length = isEnd ? this.#pending.length : this.#pending.length - BARE_NEXT_LENGTH;
      return length > 0 && this.#pass(length);
    }
    this.#pass(next.index);
    if (next[0].endsWith('final')) this.#drop(next[0].length);
    return this.#leave();
  }

  /** A call ends here, and is thought about. */
  get #isAfterCall(): boolean {
    return this.#isCall && !this.#place.isCode && CALL_CLOSED.test(this.#place.last);
  }

  #isCallStart(): boolean {
    const isPlace = this.#mode === 'text' && this.#place.isLineBlank && !this.#place.isCode;
    return isPlace && matched(SURE_OPENS, this.#pending, 0) > 0;
  }

  #markInText(mark: Mark, after: string): boolean {
    const place = this.#place;
    const isAfterEnd = this.#isAfterEnd;
    this.#isAfterEnd = false;
    switch (mark.kind) {
      case 'open':
        if (isOpening(place, after) || this.#isAfterCall) return this.#enter('tag', mark);
        place.mention();
        break;
      case 'close':
        if (isClosing(place, after)) return this.#close(mark);
        break;
      case 'channel':
        if (!place.isCode && (isAfterEnd || place.isLineBlank)) return this.#channel(mark);
        break;
      case 'end':
        if (place.isCode || !(this.#hasMarks || after.startsWith('<|start|>'))) break;
        this.#isAfterEnd = true;
        return this.#drop(mark.text.length);
      case 'value':
      case 'value_end':
        place.value(mark.kind === 'value');
        break;
      default:
        mark.kind satisfies never;
    }
    return this.#pass(mark.text.length);
  }

  #markInThinking(mark: Mark, after: string): boolean {
    if (this.#mode === 'tag') {
      if (mark.kind !== 'close' || isQuoted(this.#place, after)) return this.#pass(mark.text.length);
      this.#drop(mark.text.length);
      return this.#leave();
    }
    if (mark.kind === 'end') {
      this.#isAfterEnd = true;
      this.#drop(mark.text.length);
      return this.#leave();
    }
    if (mark.kind !== 'channel') return this.#pass(mark.text.length);
    this.#leave();
    return this.#channel(mark);
  }

  #channel(mark: Mark): boolean {
    this.#hasMarks = true;
    // A call, which is read with the text.
    if (mark.isAddressed === true) return this.#pass(mark.text.length);
    if (mark.name === 'analysis') return this.#enter('channel', mark);
    if (mark.name === 'final') this.#rethink();
    if (mark.name === 'final') this.#draft = -1;
    this.#isCommentary = mark.name === 'commentary';
    return this.#drop(mark.text.length);
  }

  #enter(mode: 'tag' | 'channel', mark: Mark): boolean {
    const draft = this.#rethink();
    if (draft !== -1) this.#draft = draft;
    this.#thoughts.push('');
    this.#mode = mode;
    this.#isThoughtClosed = false;
    this.#place = new TextPlace();
    return this.#drop(mark.text.length);
  }

  #leave(): boolean {
    this.#mode = 'text';
    this.#isThoughtClosed = true;
    this.#place = new TextPlace();
    return true;
  }

  /** The opening mark was in the prompt, or is one that was taken for text. */
  #close(mark: Mark): boolean {
    this.#rethink();
    this.#draft = -1;
    this.#drop(mark.text.length);
    return this.#leave();
  }

  /** Takes what was said for thinking. @returns its number among the thoughts, -1 if nothing was said. */
  #rethink(): number {
    const isBlank = this.#text.trim() === '';
    if (!isBlank) {
      this.#thoughts.push(this.#text);
      this.#onDelta({ type: 'rethought', text: this.#text });
    }
    this.#text = '';
    this.#isCall = false;
    return isBlank ? -1 : this.#thoughts.length - 1;
  }

  /** Leaves out a mark. */
  #drop(length: number): true {
    this.#pending = this.#pending.slice(length);
    this.#hasMarks = true;
    return true;
  }

  /** Takes a piece for what it is in this mode. */
  #pass(length: number): true {
    const piece = this.#pending.slice(0, length);
    this.#pending = this.#pending.slice(length);
    this.#place.take(piece);
    const isText = this.#mode === 'text';
    const before = isText ? this.#text : (this.#thoughts.at(-1) ?? '');
    const text = this.#hasMarks && before === '' ? piece.trimStart() : piece;
    if (text === '') return true;
    if (isText) this.#text += text;
    else if (this.#thoughts.length === 0) this.#thoughts.push(text);
    else this.#thoughts[this.#thoughts.length - 1] += text;
    this.#onDelta({ type: isText ? 'text' : 'thinking', text: isText && this.#isCall ? '' : text });
    return true;
  }
}

/** The whole content of an answer, read at once. */
export function readContent(content: string): ReadAnswer {
  const reader = new AnswerReader();
  reader.add(content);
  return reader.end();
}

const isBeginning = (name: string, tools: readonly string[]): boolean =>
  tools.some((tool) => tool.startsWith(name));

function isOpening(place: TextPlace, after: string): boolean {
  if (place.isCode || SENTENCE_ABOUT.test(after)) return false;
  if (place.isBlank) return true;
  if (place.isLineBlank) return !GOES_ON.test(after);
  return !place.isAfterSpace && place.isAfterSentence && LINE_END.test(after);
}

function isClosing(place: TextPlace, after: string): boolean {
  if (place.isCode || place.isMentioned()) return false;
  if (place.isBlank) return true;
  if (SENTENCE_ABOUT.test(after)) return false;
  if (place.isLineBlank) return !GOES_ON.test(after);
  if (place.isJson) return false;
  if (LINE_END.test(after)) return !place.isAfterSpace || place.isAfterSentence;
  return !place.isAfterSpace && place.isAfterSentence && NEW_SENTENCE.test(after);
}

/** Whether the model thinks about a closing mark. */
function isQuoted(place: TextPlace, after: string): boolean {
  if (QUOTES.includes(place.last) && after.startsWith(place.last)) return true;
  return !place.isLineBlank && place.isAfterSpace && (GOES_ON.test(after) || SENTENCE_ABOUT.test(after));
}
