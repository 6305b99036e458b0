/** `/mcp` in the app: the servers, as they are now; one of them is shown whole, and started. */
import type { Event } from '../../protocol.ts';
import type { LineContext } from '../lines/style.ts';
import { openMcp, openMcpServer, START_MCP, serverItem, serverItems } from '../overlay/mcp-picker.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { handlePickerKey, type PickerState, setPickerItems } from '../overlay/picker.ts';
import { pickerLines } from '../overlay/picker-lines.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';

type Port = Pick<AppPort, 'facts' | 'state' | 'submit'>;

export class McpOverlay implements Overlay {
  readonly #app: Port;
  #picker: PickerState;
  /** The one that is shown; undefined: the list is. */
  #server: string | undefined;

  constructor(app: Port) {
    this.#app = app;
    this.#picker = openMcp(app.state.mcp);
    app.submit({ type: 'list_mcp' });
  }

  lines(ctx: LineContext, maxRows: number): Body {
    return { lines: pickerLines(this.#picker, ctx, maxRows) };
  }

  onEvent(event: Event): 'kept' {
    if (event.type !== 'mcp_servers') return 'kept';
    const shown = event.servers.find(({ name }) => name === this.#server);
    const fresh = shown === undefined ? openMcp(event.servers) : openMcpServer(shown, this.#app.facts.home);
    const items = shown === undefined ? event.servers.map(serverItem) : serverItems(shown);
    this.#picker = setPickerItems({ ...this.#picker, title: fresh.title, note: fresh.note ?? '' }, items);
    return 'kept';
  }

  onKey(key: Key): ReturnType<Overlay['onKey']> {
    const step = handlePickerKey(this.#picker, key);
    if ('state' in step) {
      this.#picker = step.state;
      return 'kept';
    }
    const { result } = step;
    if (this.#server !== undefined) {
      if (result.type === 'chosen' && result.id === START_MCP)
        this.#app.submit({ type: 'start_mcp', server: this.#server });
      else this.#showList();
      return 'kept';
    }
    if (result.type === 'cancelled') return 'done';
    this.#showServer(result.id);
    return 'kept';
  }

  #showList(): void {
    this.#picker = openMcp(this.#app.state.mcp);
    this.#server = undefined;
  }

  #showServer(name: string): void {
    const server = this.#app.state.mcp.find((one) => one.name === name);
    if (server === undefined) return;
    this.#server = name;
    this.#picker = openMcpServer(server, this.#app.facts.home);
  }
}
