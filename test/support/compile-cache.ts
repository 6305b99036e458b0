/**
 * Where Node keeps our compiled code for the tests: one folder for all runs of a user, as the program has one in its home. Workers of
 * the tests, threads of the index and processes that run our sources read from it what they would else compile anew each time.
 */
import { tmpdir } from 'node:os';
import path from 'node:path';

export const COMPILE_CACHE = path.join(tmpdir(), `oagent-test-compile-cache-${process.getuid?.()}`);
