/**
 * The beginning: the trust question, a server that does not answer, a missing model.
 *
 * Invariants: the session begins once, after the trust question; the header is printed before everything else; typing
 * is never interrupted: dialogs open on an empty composer only, otherwise one line says what is wrong.
 */
import type { Event } from '../../protocol.ts';
import { groupDigits } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { awayText, hostInUse } from '../../text/host-lines.ts';
import { oneLine } from '../lines/clean.ts';
import { errorLines } from '../lines/notice.ts';
import { modelName } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { noServerDialog, noServerTrying, openNoServer } from '../overlay/no-server.ts';
import { openTrust, type TrustResult, trustDialog } from '../overlay/trust.ts';
import type { AppPort } from './app-port.ts';
import { openDialog } from './dialog-overlay.ts';
import { ModelOverlay } from './model-overlay.ts';

/** The trust question was answered, or need not be asked: the session may begin. */
export type Begin = (trust: Exclude<TrustResult, 'quit'>) => Promise<void>;

type Port = Pick<
  AppPort,
  | 'facts'
  | 'state'
  | 'composer'
  | 'overlay'
  | 'submit'
  | 'context'
  | 'print'
  | 'say'
  | 'warn'
  | 'printHeader'
  | 'open'
  | 'quit'
>;

export class StartControl {
  readonly #app: Port;
  readonly #begin: Begin;
  #hasHeader = false;
  /** What the header, or a later line, said last. */
  #threadId: string | undefined;
  #model = '';

  constructor(app: Port, begin: Begin) {
    this.#app = app;
    this.#begin = begin;
  }

  begin(): void {
    const { trustRoot } = this.#app.facts;
    if (trustRoot === undefined) return this.#go('read_only');
    openDialog(this.#app, trustDialog, openTrust(trustRoot), (answer) => {
      if (answer === 'quit') this.#app.quit();
      else this.#go(answer);
    });
  }

  /** Takes the place of the status while no turn runs. */
  statusLine(ctx: LineContext): string | undefined {
    const { server } = this.#app.state;
    if (server.state !== 'down' || this.#app.overlay !== undefined) return undefined;
    const text = `${oneLine(awayText(server))} · still trying`;
    return truncateEnd(`${ctx.style.red('■')} ${text}`, ctx.width - 1);
  }

  handle(event: Event): void {
    switch (event.type) {
      case 'session_configured': {
        const model = modelName(event.model, event.isLed);
        const isNew = this.#threadId !== undefined && this.#threadId !== event.threadId;
        if (isNew || !this.#hasHeader) this.#app.printHeader();
        else if (this.#model !== model)
          this.#app.say(
            [`Model: ${model}`, `${groupDigits(event.numCtx)} tokens`, ...this.#host()].join(' · '),
          );
        this.#threadId = event.threadId;
        this.#model = model;
        this.#hasHeader = true;
        return;
      }
      case 'model_led':
        // Another event says why.
        this.#model = modelName(this.#app.state.model ?? '', true);
        return;
      case 'server_state':
        if (event.state === 'down') this.#down(event.message ?? '');
        if (event.state === 'no_model') this.#noModel(event.message ?? '');
        return;
      default:
        return;
    }
  }

  #go(trust: Exclude<TrustResult, 'quit'>): void {
    this.#begin(trust).catch((error: unknown) => {
      const message = errorMessage(error);
      this.#app.print(errorLines(message, this.#app.context()));
    });
  }

  #down(problem: string): void {
    const { overlay, composer, facts, state } = this.#app;
    this.#header();
    if (overlay !== undefined) return;
    if (!composer.isEmpty || state.turn !== undefined) {
      this.#app.warn(problem);
      return;
    }
    const { isHostFromEnv: isFromEnv, platform } = facts;
    const opened = openNoServer({
      problem,
      host: state.server.host,
      name: state.server.name,
      hosts: state.server.hosts,
      isFromEnv,
      platform,
    });
    openDialog(this.#app, noServerDialog, opened, (result, dialog) => {
      if (result === 'quit') {
        this.#app.quit();
        return undefined;
      }
      this.#app.submit({ type: 'connect' });
      return noServerTrying(dialog);
    });
  }

  #noModel(message: string): void {
    this.#header();
    this.#app.warn(message);
    const { overlay, composer } = this.#app;
    if (overlay === undefined && composer.isEmpty) this.#app.open(new ModelOverlay(this.#app, true));
  }

  /** Where there are several. */
  #host(): string[] {
    const host = hostInUse(this.#app.state.server.hosts);
    return host === undefined ? [] : [oneLine(host)];
  }

  #header(): void {
    if (this.#hasHeader) return;
    this.#hasHeader = true;
    this.#app.printHeader();
  }
}
