/**
 * The beginning: the question of trust, a server that does not answer, a model that is missing.
 *
 * Invariants: the session begins once, after the trust question; the header stands above everything; nobody's typing is
 * interrupted: who has begun to write is told in one line, and dialogs open on an empty composer only.
 * Does not: look for the server.
 */
import type { Event } from '../../protocol.ts';
import { groupDigits } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { oneLine } from '../lines/clean.ts';
import { errorLines, warningLines } from '../lines/notice.ts';
import { modelName } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import type { App } from './app.ts';
import { modelOverlay } from './model-overlay.ts';
import { noServerOverlay, trustOverlay } from './overlays.ts';

export class StartControl {
  readonly #app: App;
  #hasHeader = false;
  /** What the header or the line behind it said last. */
  #threadId: string | undefined;
  #model = '';

  constructor(app: App) {
    this.#app = app;
  }

  begin(): void {
    const { trustRoot } = this.#app.options.facts;
    if (trustRoot === undefined) return this.#go('read_only');
    this.#app.open(
      trustOverlay(trustRoot, (answer) => {
        if (answer === 'quit') this.#app.options.quit();
        else this.#go(answer);
      }),
    );
  }

  /** What stands in the place of the status while no turn runs. */
  statusLine(ctx: LineContext): string | undefined {
    const { server } = this.#app.state;
    if (server.state !== 'down' || this.#app.overlay !== undefined) return undefined;
    const text = `Ollama does not answer at ${oneLine(server.host)} · still looking`;
    return truncateEnd(`${ctx.style.red('■')} ${text}`, ctx.width - 1);
  }

  handle(event: Event): void {
    switch (event.type) {
      case 'session_configured': {
        const model = modelName(event.model, event.isLed);
        const isNew = this.#threadId !== undefined && this.#threadId !== event.threadId;
        if (isNew || !this.#hasHeader) this.#app.printHeader();
        else if (this.#model !== model)
          this.#app.say(`Model: ${model} · ${groupDigits(event.numCtx)} tokens`);
        this.#threadId = event.threadId;
        this.#model = model;
        this.#hasHeader = true;
        return;
      }
      case 'model_led':
        // Why is told by another event.
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

  #go(trust: 'trust' | 'read_only'): void {
    this.#app.options.begin(trust).catch((error: unknown) => {
      const message = errorMessage(error);
      this.#app.print(errorLines(message, this.#app.context()));
    });
  }

  #down(problem: string): void {
    const { overlay, composer, options, state } = this.#app;
    this.#header();
    if (overlay !== undefined) return;
    if (!composer.isEmpty || state.turn !== undefined) {
      this.#app.print(warningLines(problem, this.#app.context()));
      return;
    }
    const facts = {
      problem,
      host: state.server.host,
      isFromEnv: options.facts.isHostFromEnv,
      platform: options.facts.platform,
    };
    this.#app.open(
      noServerOverlay(facts, {
        retry: () => options.session.submit({ type: 'connect' }),
        quit: options.quit,
      }),
    );
  }

  #noModel(message: string): void {
    this.#header();
    this.#app.print(warningLines(message, this.#app.context()));
    if (this.#app.overlay === undefined && this.#app.composer.isEmpty)
      this.#app.open(modelOverlay(this.#app));
  }

  #header(): void {
    if (this.#hasHeader) return;
    this.#hasHeader = true;
    this.#app.printHeader();
  }
}
