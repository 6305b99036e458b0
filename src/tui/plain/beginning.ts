/**
 * The beginning: the trust question, the header, a server that does not answer, a missing model.
 *
 * Invariants: the session begins once, after the trust question; a server that is down is said once, until it has
 * answered.
 */
import type { Event } from '../../protocol.ts';
import { groupDigits } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { hostInUse } from '../../text/host-lines.ts';
import type { Begin } from '../control/start-control.ts';
import { headerLines } from '../lines/header.ts';
import { errorLines } from '../lines/notice.ts';
import { modelName } from '../lines/short-path.ts';
import { cures } from '../overlay/no-server.ts';
import { trustQuestion } from './choices.ts';
import type { PlainPort } from './plain-commands.ts';
import { inWords } from './words.ts';

export class Beginning {
  readonly #app: PlainPort;
  readonly #begin: Begin;
  #hasHeader = false;
  #isDown = false;
  /** What the header, or a later line, said last. */
  #threadId: string | undefined;
  #model = '';

  constructor(app: PlainPort, begin: Begin) {
    this.#app = app;
    this.#begin = begin;
  }

  /** What the session is was said: messages can be typed. */
  get hasHeader(): boolean {
    return this.#hasHeader;
  }

  begin(): void {
    const { trustRoot, home } = this.#app.facts;
    if (trustRoot === undefined) return this.#go('read_only');
    this.#app.ask(
      trustQuestion(trustRoot, home, (answer) => {
        if (answer === 'quit') this.#app.quit();
        else this.#go(answer);
      }),
    );
  }

  handle(event: Event): void {
    if (event.type === 'session_configured') this.#configured(event);
    // Another event says why.
    if (event.type === 'model_led') this.#model = modelName(this.#app.state.model ?? '', true);
    if (event.type !== 'server_state' || event.state === 'connecting') return;
    if (event.state === 'down') this.#down(event.message ?? '');
    if (event.state === 'no_model') this.#noModel(event.message ?? '');
    this.#isDown = event.state === 'down';
  }

  #go(trust: 'trust' | 'read_only'): void {
    this.#begin(trust).catch((error: unknown) => {
      this.#app.print(errorLines(errorMessage(error), this.#app.context()));
    });
  }

  #configured(event: Extract<Event, { type: 'session_configured' }>): void {
    const model = modelName(event.model, event.isLed);
    const isNew = this.#threadId !== undefined && this.#threadId !== event.threadId;
    if (isNew || !this.#hasHeader) this.#header();
    else if (this.#model !== model) {
      const host = hostInUse(this.#app.state.server.hosts);
      const words = [`Model: ${model}`, `${groupDigits(event.numCtx)} tokens`];
      this.#app.say((host === undefined ? words : [...words, host]).join(', '));
    }
    this.#threadId = event.threadId;
    this.#model = model;
  }

  #down(problem: string): void {
    if (this.#isDown) return;
    const { facts } = this.#app;
    const { isHostFromEnv: isFromEnv, platform } = facts;
    if (!this.#hasHeader) this.#header();
    this.#app.warn(problem);
    this.#app.show([
      ...cures({ isFromEnv, platform }).map(([label, cure]) => `${label}: ${cure}`),
      'oagent keeps trying, and says when there is a model.',
    ]);
  }

  #noModel(message: string): void {
    if (!this.#hasHeader) this.#header();
    this.#app.warn(message);
    this.#app.chooseModel(true);
  }

  #header(): void {
    this.#hasHeader = true;
    const { facts, state } = this.#app;
    const { model, isLed, window, sandbox, permissions, server } = state;
    const header = {
      version: facts.version,
      model,
      isLed,
      host: hostInUse(server.hosts),
      sandbox,
      approval: permissions.approval,
      window: window?.size,
    };
    this.#app.show([
      ...inWords(headerLines(header, this.#app.context())),
      'Type a message. /help lists the commands.',
    ]);
  }
}
