// The least that an agent in Node can be: /api/chat in a loop and three tools, without care for anything.
// node floor-agent.mjs <model> <prompt>; the server is $OLLAMA_HOST.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';

const [model, prompt] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });
const tool = (name, ...names) => ({
  type: 'function',
  function: {
    name,
    parameters: {
      type: 'object',
      properties: Object.fromEntries(names.map((key) => [key, { type: 'string' }])),
    },
  },
});
const tools = [tool('shell', 'command'), tool('read_file', 'path'), tool('edit_file', 'path', 'old', 'new')];
const run = {
  shell: ({ command }) =>
    new Promise((resolve) => {
      const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => (output += data));
      child.on('close', (code) => resolve(`exit code ${code}\n${output}`));
    }),
  read_file: ({ path }) => readFileSync(path, 'utf8'),
  edit_file: (edit) => {
    writeFileSync(edit.path, readFileSync(edit.path, 'utf8').replace(edit.old, edit.new));
    return 'done';
  },
};
const messages = [
  { role: 'system', content: 'You are a coding agent. Use the tools.' },
  { role: 'user', content: prompt },
];
for (;;) {
  const message = { role: 'assistant', content: '', tool_calls: [] };
  for await (const chunk of chat({ model, messages, tools, stream: true })) {
    message.content += chunk.message?.content ?? '';
    message.tool_calls.push(...(chunk.message?.tool_calls ?? []));
  }
  messages.push(message);
  if (message.tool_calls.length === 0) break;
  for (const { function: call } of message.tool_calls) {
    messages.push({ role: 'tool', tool_name: call.name, content: await run[call.name](call.arguments) });
  }
}
console.log(messages.at(-1).content);
process.exit();

async function* chat(body) {
  const response = await new Promise((resolve, reject) => {
    const request = http.request(`${process.env.OLLAMA_HOST}/api/chat`, { method: 'POST', agent }, resolve);
    request.on('error', reject).end(JSON.stringify(body));
  });
  let rest = '';
  for await (const data of response.setEncoding('utf8')) {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}
