/**
 * Does one task. Each approval is answered by a function instead of a person.
 *
 *     node task.mjs "rename the function total to sum, and run the tests"
 */
import { createSession } from 'oagent';

/**
 * The model may look at the history outside of the sandbox, and nothing else.
 *
 * @param {import('oagent').ApprovalRequest} request
 * @returns {import('oagent').ApprovalAnswer}
 */
function decide({ kind, command, reason }) {
  console.log(`asked for: ${command ?? kind} (${reason})`);
  if (kind === 'command' && command?.startsWith('git log')) return { type: 'once' };
  return { type: 'no', instead: 'Do it without leaving the sandbox.' };
}

const session = await createSession({ sandbox: 'workspace-write', approval: 'on-request' });
session.submit({ type: 'user_turn', text: process.argv.slice(2).join(' ') });

for await (const event of session) {
  switch (event.type) {
    case 'approval_requested':
      session.submit({ type: 'approval', id: event.request.id, answer: decide(event.request) });
      break;
    case 'server_state':
      if (event.state === 'down' || event.state === 'no_model') await fail(event.message);
      break;
    case 'turn_failed':
      await fail(event.message);
      break;
    case 'turn_completed':
      console.log(event.lastMessage);
      for (const file of event.evidence.files) console.log(`${file.kind} ${file.path}`);
      await session.close();
      break;
  }
}

/** @param {string | undefined} message */
async function fail(message) {
  console.error(message);
  process.exitCode = 1;
  await session.close();
}
