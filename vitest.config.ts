import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/support/closing-line-reporter.ts';
import { COMPILE_CACHE } from './test/support/compile-cache.ts';
import { filesInSharedWorker } from './test/support/shared-worker.ts';

// The workers are started with it.
process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;

const shared = filesInSharedWorker(import.meta.dirname);

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'own worker',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          // The first needs a registry: `npm run test:package`.
          exclude: ['test/package/**', ...shared],
        },
      },
      { extends: true, test: { name: 'shared worker', include: shared, isolate: false } },
    ],
  },
});
