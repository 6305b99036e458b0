import type { Mutation } from './mutation.ts';

/** config, text and tui. */
export const mutations: readonly Mutation[] = [
  {
    file: 'src/config/table.ts',
    find: "if (value === undefined || key === '__proto__') continue;",
    replace: "if (key === '__proto__') continue;",
    why: 'a layer that says nothing would erase what a lower one says',
  },
  {
    file: 'src/config/table.ts',
    find: 'isTable(value) ? mergeTables(isTable(below) ? below : newTable(), value) : value',
    replace: 'value',
    why: 'one key of a table would erase the others',
  },
  {
    file: 'src/config/trust.ts',
    find: 'realPath(path.dirname(path.resolve(gitDir, wayBack))) !== worktree',
    replace: 'false',
    why: 'any archive could claim to be a worktree of a trusted project',
    tests: ['test/config/trust.test.ts'],
  },
  {
    file: 'src/config/trust.ts',
    find: "names.find((name) => projects[name]?.trust_level === 'untrusted') ?? names[0]",
    replace: 'names[0]',
    why: 'a folder that the user distrusts would be trusted under another name',
    tests: ['test/config/trust.test.ts'],
  },
  {
    file: 'src/config/trust.ts',
    find: 'if (user !== undefined && holds(dir, user)) return',
    replace: 'if (false) return',
    why: 'commands could write to the folder that holds all homes',
    tests: ['test/config/trust.test.ts'],
  },
  {
    file: 'src/text/sanitize.ts',
    find: "if (found.length > 1 || !DIRECTION.test(found)) return '';",
    replace: "if (!DIRECTION.test(found)) return '';",
    why: 'an escape sequence with a bidi control in it would be shown as that control',
    tests: ['test/text/sanitize.test.ts'],
  },
  {
    file: 'src/text/sanitize.ts',
    find: "return text.replaceAll('\\r\\n', '\\n').replace(/[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]/g",
    replace: "return text.replaceAll('\\r\\n', '\\n').replace(/[\\x00-\\x08\\x0b-\\x1f]/g",
    why: 'a command to approve could hide a part of itself behind a C1 control',
    tests: ['test/text/sanitize.test.ts', 'test/tui/overlay/approval.test.ts'],
  },
  {
    file: 'src/tui/composer/edits.ts',
    find: 'if (text.length + element.text.length > INLINE_LIMIT) continue;',
    replace: '',
    why: 'unfolding a paste of megabytes would freeze the composer',
    tests: ['test/tui/composer/'],
  },
  {
    file: 'src/tui/composer/buffer.ts',
    find: 'MAX_STEPS = 200',
    replace: 'MAX_STEPS = 2_000_000',
    why: 'the memory for undo would grow for as long as somebody types',
    tests: ['test/tui/composer/'],
  },
  {
    file: 'src/tui/control/frame-clock.ts',
    find: '    this.#lastPaint = this.#clock.now();\n',
    replace: '',
    why: 'the screen would be painted at every token',
    tests: ['test/tui/control/frame-clock.test.ts'],
  },
  {
    file: 'src/tui/control/frame-clock.ts',
    find: '    if (this.#cancel === undefined) return;\n    this.#isWanted = true;\n',
    replace: '    if (this.#cancel === undefined) return;\n',
    why: 'what was requested before an editor opened would never be painted',
    tests: ['test/tui/control/frame-clock.test.ts'],
  },
  {
    file: 'src/tui/overlay/key-guard.ts',
    find: 'now - guard.strayAt >= QUIET_MS',
    replace: 'now - guard.strayAt >= 0',
    why: 'the Enter after a typed line would answer a question',
    tests: ['test/tui/overlay/'],
  },
  {
    file: 'src/tui/overlay/key-guard.ts',
    find: 'return { guard: { ...guard, strayAt: now }, isTaken: isSeen && isQuiet };',
    replace: 'return { guard, isTaken: isSeen && isQuiet };',
    why: 'a key that is held would answer a question',
    tests: ['test/tui/overlay/'],
  },
];
