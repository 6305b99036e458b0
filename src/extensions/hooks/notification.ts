/** What the user is called for, in the words of Claude's Notification. */
import type { Event } from '../../protocol.ts';

export interface Notification {
  readonly [key: string]: unknown;
  readonly message: string;
  readonly notification_type: string;
}

/** Undefined: the user is not called for it. */
export function notificationOf(event: Event): Notification | undefined {
  switch (event.type) {
    case 'approval_requested': {
      const { kind, question, command } = event.request;
      if (kind === 'question') return { message: question ?? '', notification_type: 'elicitation_dialog' };
      const what = kind === 'command' ? `run ${command}` : kind === 'patch' ? 'change files' : 'go on';
      return {
        message: `oagent asks for your permission to ${what}`,
        notification_type: 'permission_prompt',
      };
    }
    case 'turn_completed':
      return { message: 'oagent has finished', notification_type: 'idle_prompt' };
    case 'turn_failed':
      return { message: `oagent has stopped: ${event.message}`, notification_type: 'idle_prompt' };
    default:
      return undefined;
  }
}
