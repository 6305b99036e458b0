import type { Mutation } from './mutation.ts';

const WIRE = 'test/mcp/wire';

export const mutations: readonly Mutation[] = [
  {
    file: 'src/mcp/wire/stdio.ts',
    find: '      isWatched: true,\n',
    replace: '',
    why: 'servers would live on after kill -9 of oagent',
    tests: [`${WIRE}/after-death.test.ts`],
  },
  {
    file: 'src/mcp/wire/stdio.ts',
    find: '    await server.close();\n',
    replace: '    void server.close();\n',
    why: 'a start that was given up would still run when its error is shown',
    tests: [`${WIRE}/stdio.test.ts`],
  },
  {
    file: 'src/mcp/wire/stdio.ts',
    find: 'env: { ...env, PATH: folders.join(path.delimiter) } };',
    replace: 'env };',
    why: 'a server at a path would find its node in the workspace',
    tests: [`${WIRE}/program.test.ts`],
  },
  {
    file: 'src/mcp/wire/server-process.ts',
    find: '    await this.#group.terminate(GRACE_MS);\n',
    replace: '',
    why: 'stubborn servers and their children would be left',
    tests: [`${WIRE}/stdio.test.ts`],
  },
  {
    file: 'src/mcp/wire/server-process.ts',
    find: 'if (this.#odd.inARow === MOST_ODD_LINES) {',
    replace: 'if (false) {',
    why: 'a server that prints anything else would be read forever',
    tests: [`${WIRE}/stdio.test.ts`],
  },
  {
    file: 'src/mcp/wire/peer.ts',
    find: 'else if (isTooDeep(result))',
    replace: 'else if (result === null)',
    why: 'what recurses into a result would end the stack',
    tests: [`${WIRE}/stdio.test.ts`],
  },
  {
    file: 'src/mcp/wire/pending-request.ts',
    find: 'if (performance.now() < this.#end) this.#timer.refresh();',
    replace: 'this.#timer.refresh();',
    why: 'a server that reports progress forever would be waited for forever',
    tests: [`${WIRE}/pending-request.test.ts`],
  },
  {
    file: 'src/mcp/wire/server-session.ts',
    find: 'this.#isToldOfChange) return;',
    replace: 'false) return;',
    why: 'a flood of notifications would ask for the tools as often',
    tests: [`${WIRE}/stdio.test.ts`],
  },
  {
    file: 'src/mcp/wire/http-exchange.ts',
    find: 'next?.origin !== url.origin',
    replace: 'next === undefined',
    why: 'a redirect would take the token to another server',
    tests: [`${WIRE}/http.test.ts`],
  },
  {
    file: 'src/mcp/wire/http-exchange.ts',
    find: 'shownUrl(url)} cannot',
    replace: 'url} cannot',
    why: 'what is secret in an address would be shown',
    tests: [`${WIRE}/http.test.ts`],
  },
  {
    file: 'src/mcp/wire/http-carrier.ts',
    find: "withoutSecrets(await textOf(response, ERROR_LIMIT).catch(() => ''), this.#door.secrets)",
    replace: "await textOf(response, ERROR_LIMIT).catch(() => '')",
    why: 'a server that repeats the token in its error would have it shown',
    tests: [`${WIRE}/http.test.ts`],
  },
  {
    file: 'src/mcp/wire/http.ts',
    find: '    renewing ??= begin(',
    replace: '    renewing = begin(',
    why: 'each of several calls would begin a session of its own',
    tests: [`${WIRE}/http.test.ts`],
  },
];
