/** A process that uses a Chroma server: says the server's number on stdout and stays, until it is killed. */
import { startChroma } from '../../../src/repo-index/chroma/chroma-server.ts';

const outcome = await startChroma({ dataDir: process.argv[2] ?? '' }, new AbortController().signal);
console.log('server' in outcome ? outcome.server.pid : outcome.unavailable);
setInterval(() => undefined, 1000);
