import type { Mutation } from './mutation.ts';

export const mutations: readonly Mutation[] = [
  {
    file: 'src/session/host-choice.ts',
    find: 'if (probe.isThere) answering ??= host.endpoint;',
    replace: 'if (probe.isThere) answering = host.endpoint;',
    why: 'models would be pulled on the last host that answers, not on the first',
    tests: ['test/session/host-choice.test.ts'],
  },
  {
    file: 'src/session/host-choice.ts',
    find: 'if (wanted !== undefined && !has(probe.installed, wanted))',
    replace: 'if (false)',
    why: 'a host without the model would not be passed over for the reason that it has',
    tests: ['test/session/host-choice.test.ts'],
  },
  {
    file: 'src/session/session-hosts.ts',
    find: 'if (inUse !== undefined && (await this.#isThere((limit) => client.show(inUse.name, limit)))) return inUse;',
    replace: '',
    why: 'a session would go back to a host that has come back, and have all read again',
    tests: ['test/session/session-hosts.test.ts'],
  },
  {
    file: 'src/session/session-hosts.ts',
    find: 'if (model() === undefined) client.moveTo?.(error.answering);',
    replace: 'client.moveTo?.(error.answering);',
    why: 'a session would be moved to a host that does not have its model',
    tests: ['test/session/session-hosts.test.ts'],
  },
  {
    file: 'src/session/rewind.ts',
    find: '  if (!wish.isTrial) {',
    replace: '  if (true) {',
    why: 'a look at what would be restored would restore it',
    tests: ['test/session/rewind.test.ts'],
  },
  {
    file: 'src/session/rewind.ts',
    find: "createPolicy({ ...wish.permissions, mode: 'workspace-write', isPlan: false })",
    replace: "createPolicy({ ...wish.permissions, mode: 'danger-full-access', isPlan: false })",
    why: 'a rewind would write into .git, and outside of the project',
    tests: ['test/session/rewind.test.ts'],
  },
  {
    file: 'src/session/trial.ts',
    find: 'if (dropped !== undefined) forgetChanges(place.home, session, since);',
    replace: '',
    why: 'a rewind would take back what a dropped trial has never brought',
    tests: ['test/session/trial.test.ts'],
  },
];
