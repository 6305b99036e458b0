/**
 * Answers a question about the current folder, and prints each tool call while the model works.
 *
 *     node watch.mjs "where are the prices rounded?"
 */
import { createSession } from 'oagent';

const session = await createSession({ sandbox: 'read-only', approval: 'never', ephemeral: true });

session.subscribe((event) => {
  if (event.type === 'item_completed') {
    const line = callLine(event.item);
    if (line !== undefined) console.log(line);
  }
});

/** @type {Promise<import('oagent').TurnEnd | { type: 'no_server', message?: string }>} */
const ended = new Promise((resolve) => {
  session.subscribe((event) => {
    switch (event.type) {
      case 'turn_completed':
      case 'turn_failed':
      case 'turn_aborted':
        return resolve(event);
      case 'server_state':
        if (event.state === 'down' || event.state === 'no_model')
          resolve({ type: 'no_server', message: event.message });
    }
  });
});

session.submit({ type: 'user_turn', text: process.argv.slice(2).join(' ') });
const end = await ended;
await session.close();
if (end.type === 'turn_completed') {
  console.log(`\n${end.lastMessage}`);
} else {
  console.error('message' in end ? end.message : 'interrupted');
  process.exitCode = 1;
}

/**
 * @param {import('oagent').Item} item
 * @returns {string | undefined}
 */
function callLine(item) {
  switch (item.type) {
    case 'command_execution':
      return `${item.command}: exit code ${item.exitCode}`;
    case 'tool_call':
      return `${item.tool} ${JSON.stringify(item.arguments)}: ${item.status}`;
    case 'file_change':
      return `apply_patch ${item.changes.map((change) => change.path).join(', ')}: ${item.status}`;
    default:
      return undefined;
  }
}
