/**
 * Where Node keeps our compiled code for the tests: one folder for all runs of a user, as the program has one in its home. Workers of
 * the tests, threads of the index and processes that run our sources read from it what they would else compile anew each time.
 */
import { tmpdir } from 'node:os';
import path from 'node:path';

/** @param uid of the user whose processes write it. */
export const compileCacheOf = (uid = process.getuid?.()): string =>
  path.join(tmpdir(), `oagent-test-compile-cache-${uid}`);

export const COMPILE_CACHE = compileCacheOf();
