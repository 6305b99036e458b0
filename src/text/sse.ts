/** Reads server-sent events. Only the data of messages is of use: events with other names than these are dropped. */
import { LineFraming } from './line-framing.ts';

export interface EventListener {
  readonly onMessage: (data: string) => void;
  /** An event is over the limit. */
  readonly onTooLong: () => void;
}

export class EventReader {
  readonly #lines: LineFraming;
  readonly #listener: EventListener;
  readonly #limit: number;
  readonly #names: readonly string[];
  #data: string[] = [];
  #size = 0;
  #name = '';
  #isFirst = true;

  /** @param limit bytes of an event. */
  constructor(listener: EventListener, limit: number, names: readonly string[] = ['', 'message']) {
    this.#names = names;
    this.#listener = listener;
    this.#limit = limit;
    const onTooLong = listener.onTooLong;
    this.#lines = new LineFraming(
      { onLine: (line) => this.#line(line), onTooLong, onTooLongEnd: () => {} },
      limit,
    );
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  #line(text: string): void {
    const line = this.#isFirst ? text.replace(/^\ufeff/, '') : text;
    this.#isFirst = false;
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
    // A carriage return alone ends a line too.
    for (const one of whole.split('\r')) this.#field(one);
  }

  #field(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const [, name = line, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'event') this.#name = value;
    if (name !== 'data') return;
    // With its line end: a stream of empty lines grows too.
    this.#size += value.length + 1;
    if (this.#size > this.#limit) this.#listener.onTooLong();
    else this.#data.push(value);
  }

  #dispatch(): void {
    const [data, name] = [this.#data.join('\n'), this.#name];
    this.#data = [];
    this.#size = 0;
    this.#name = '';
    if (data !== '' && this.#names.includes(name)) this.#listener.onMessage(data);
  }
}
