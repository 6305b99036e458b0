import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from '../support/closing-line-reporter.ts';

/** `npm run test:package`: apart from the other tests, since it needs a registry. */
export default defineConfig({
  test: {
    include: ['test/package/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 240_000,
    reporters: ['default', new ClosingLineReporter()],
  },
});
