/** What the calls of a turn have left open: steps of its plan, and a failure that nothing came after. From events alone. */

import { isModelRun } from '../../context/seen/item-facts.ts';
import type { Event, Item } from '../../protocol.ts';
import { isKnownSafe } from '../../safety/commands.ts';
import { innerCommand } from '../../text/shell-word.ts';

export class TurnSigns {
  #hasOpenSteps = false;
  #lastFailed: () => boolean = () => false;

  get hasOpenSteps(): boolean {
    return this.#hasOpenSteps;
  }

  /** The last call failed. A search that found nothing has not. */
  get lastFailed(): boolean {
    return this.#lastFailed();
  }

  /** Takes the events of the session. */
  hear(event: Event): void {
    if (event.type === 'turn_started') {
      this.#hasOpenSteps = false;
      this.#lastFailed = () => false;
    }
    if (event.type === 'call_rejected') this.#lastFailed = () => true;
    if (event.type === 'item_completed') this.#completed(event.item);
  }

  #completed(item: Item): void {
    switch (item.type) {
      case 'plan':
        this.#hasOpenSteps = item.steps.some(({ status }) => status !== 'completed');
        return;
      case 'tool_call':
      case 'mcp_tool_call':
      case 'task':
      case 'file_change':
        this.#lastFailed = () => item.status === 'failed';
        return;
      case 'command_execution': {
        if (!isModelRun(item)) return;
        const { exitCode, command } = item;
        // Parsed only if somebody asks.
        this.#lastFailed = () => exitCode !== null && exitCode !== 0 && !isKnownSafe(innerCommand(command));
        return;
      }
      case 'user_message':
      case 'agent_message':
      case 'reasoning':
        return;
      default:
        item satisfies never;
    }
  }
}
