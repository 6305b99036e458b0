import type { Mutation } from './mutation.ts';

export const mutations: readonly Mutation[] = [
  {
    file: 'src/rollout/lock.ts',
    find: "return started === '' || now === '' || now === started;",
    replace: 'return true;',
    why: 'a session would stay locked when another process got the number of a dead one',
  },
  {
    file: 'src/rollout/lock.ts',
    find: "fields[0] === 'Z' ? 'gone' : ",
    replace: '',
    why: 'a process that has died but was not collected would keep its session locked',
  },
  {
    file: 'src/rollout/lock.ts',
    find: 'if (host !== os.hostname()) return true;',
    replace: '',
    why: 'two machines that share a home would write to one session',
  },
  {
    file: 'src/rollout/lock.ts',
    find: 'if (read(away) !== content) linkSync(away, file);',
    replace: '',
    why: 'two processes that find the same dead lock would both write',
  },
  {
    file: 'src/rollout/reconstruct.ts',
    find: 'items.length = Math.min(items.length, line.payload.items_left);',
    replace: '',
    why: 'the model would be sent what was rolled back',
  },
  {
    file: 'src/rollout/reconstruct.ts',
    find: 'told = told.filter(({ at }) => at < items.length);',
    replace: '',
    why: 'the model would not be told again of surroundings that were rolled back',
  },
  {
    file: 'src/rollout/reconstruct.ts',
    find: 'const before = base < 0 ? undefined : turns.findLast(',
    replace: 'const before = base >= 0 ? undefined : turns.findLast(',
    why: 'after a compaction the surroundings would be told twice',
  },
  {
    file: 'src/rollout/reconstruct.ts',
    find: "if (shown.pop()?.kind === 'user_message') turns -= 1;",
    replace: 'if (shown.pop() !== undefined) turns -= 1;',
    why: 'the screen of a resumed session would show what was rolled back',
  },
  {
    file: 'src/rollout/recorder.ts',
    find: 'this.#prompts.length = Math.min(length, this.#prompts.length);',
    replace: '',
    why: 'a second rollback would count messages that are gone already',
  },
  {
    file: 'src/rollout/recorder.ts',
    find: "if (broken !== undefined) this.#event({ type: 'turn_aborted', turn_id: broken });",
    replace: '',
    why: 'the model would be told of the same broken turn again and again',
  },
  {
    file: 'src/rollout/scan.ts',
    find: 'const isAgain = head.length < HEAD_BYTES && read === chunk.length;',
    replace: 'const isAgain = false;',
    why: 'a line at the border of two blocks would not be recognised',
  },
  {
    file: 'src/rollout/rollout.ts',
    find: 'if (whole < size) ftruncateSync(fd, whole);',
    replace: '',
    why: 'a torn line would make the next one unreadable',
  },
  {
    file: 'src/rollout/rollout.ts',
    find: 'if (written > 0) ftruncateSync(fd, this.#size);',
    replace: '',
    why: 'a full disk would leave half a line in the middle of a session',
  },
  {
    file: 'src/rollout/rollout.ts',
    find: 'if (this.#lock.isHeld) throw new Error(',
    replace: 'if (false) throw new Error(',
    why: 'two processes would write to one session',
  },
];
