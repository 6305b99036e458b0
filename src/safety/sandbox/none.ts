/**
 * The sandbox that is none: commands run as they are.
 *
 * Owns: that shape, for full access and for systems where nothing can confine. Invariant: it says `none`, so that
 * the caller can ask or refuse. Does not: decide whether a command may run like this.
 */
import type { Sandbox } from './sandbox.ts';

/** A sandbox that confines nothing; `notes` say why, and are empty if the user chose it. */
export function unconfined(notes: readonly string[]): Sandbox {
  return {
    kind: 'none',
    notes,
    prepare: async ({ argv: [file = '', ...args], env }) => ({
      file,
      args,
      env,
      extraFds: [],
      finish: async () => [],
    }),
  };
}
