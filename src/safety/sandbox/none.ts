import type { Sandbox } from './sandbox.ts';

/**
 * A sandbox that confines nothing, for full access and for systems without one. Its kind is `none`, so that the caller
 * can ask or refuse. `notes` say why, and are empty if the user chose it.
 */
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
