/** Tasks of one step in shell and C. */
import { holdsWith, read, run } from '../judging.ts';
import { edited, type RealTask } from '../task.ts';

const words = {
  'longest.sh':
    '#!/bin/sh\n# Prints the longest word of a file.\nlongest=""\nfor word in $(cat "$1"); do\n  if [ $(printf %s "$word" | wc -c) -lt $(printf %s "$longest" | wc -c) ]; then\n    longest=$word\n  fi\ndone\necho "$longest"\n',
  'sample.txt': 'one seventeen four\nthirty two\n',
  'check.sh':
    'got=$(sh longest.sh sample.txt)\nif [ "$got" = "seventeen" ]; then\n  echo ok\nelse\n  echo "expected seventeen, got \'$got\'"\n  exit 1\nfi\n',
};

const stack = {
  'stack.c':
    '#include "stack.h"\n\nstatic int items[STACK_SIZE];\nstatic int used = 0;\n\nint push(int value) {\n  if (used > STACK_SIZE) return 0;\n  items[used++] = value;\n  return 1;\n}\n\nint pop(void) {\n  return used > 0 ? items[--used] : -1;\n}\n',
  'stack.h': '#define STACK_SIZE 4\n\nint push(int value);\nint pop(void);\n',
  'test.c':
    '#include <stdio.h>\n#include "stack.h"\n\nint main(void) {\n  int pushed = 0;\n  for (int i = 1; i <= 10; i++) pushed += push(i);\n  int top = pop();\n  printf("pushed %d, top %d\\n", pushed, top);\n  return pushed == STACK_SIZE && top == STACK_SIZE ? 0 : 1;\n}\n',
  'test.sh':
    'program=$(mktemp)\ncc -o "$program" test.c stack.c && "$program"\ncode=$?\nrm -f "$program"\nexit $code\n',
};

export const shellSteps: readonly RealTask[] = [
  {
    name: 'longest-sh',
    kind: 'one',
    files: words,
    prompt: '`sh check.sh` fails. The bug is in longest.sh. Fix it and run `sh check.sh` again.',
    mayChange: ['longest.sh'],
    judge: (folder) =>
      run(folder, 'sh', 'check.sh').code === 0 &&
      holdsWith(
        folder,
        'sample.txt',
        () => 'a bb dddd ccc\n',
        () => run(folder, 'sh', 'longest.sh', 'sample.txt').stdout.trim() === 'dddd',
      ),
    reference: { files: { 'longest.sh': edited(words, 'longest.sh', '-lt', '-gt') } },
    wrong: [{ files: { 'longest.sh': 'echo seventeen\n' } }],
  },
  {
    name: 'stack-c',
    kind: 'one',
    files: stack,
    prompt: '`sh test.sh` fails: push in stack.c accepts one value too many. Fix it.',
    mayChange: ['stack.c'],
    needs: ['cc'],
    judge: (folder) =>
      run(folder, 'sh', 'test.sh').code === 0 && (read(folder, 'stack.c') ?? '').includes('STACK_SIZE'),
    reference: { files: { 'stack.c': edited(stack, 'stack.c', 'used > STACK_SIZE', 'used >= STACK_SIZE') } },
    wrong: [{ files: { 'stack.c': edited(stack, 'stack.c', 'used > STACK_SIZE', 'used > STACK_SIZE + 1') } }],
  },
];
