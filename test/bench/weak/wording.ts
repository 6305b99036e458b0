/** What small models write instead of acting. `FILE` and `COMMAND` stand for those of the right move. */

export const announcements: readonly string[] = [
  'I will now update FILE.',
  'Let me fix this in FILE:',
  'Now I need to look at FILE to understand the problem.',
  "Next, I'll run COMMAND to see what fails...",
  'The next step is to change FILE',
  'I have found the cause. I am going to apply the fix to FILE and then run COMMAND.',
  'Als Nächstes ändere ich FILE und führe dann die Tests aus.',
  'Ahora voy a modificar FILE:',
  '接下来我会修改 FILE。',
  'Okay, the problem is clear to me now. The function in FILE does not handle the case from the task. Here is what I will do:\n\n1. Change FILE\n2. Run COMMAND\n3. Report',
  'Proceeding with the change to FILE.',
  'First, the file FILE has to be read.',
];

export const permissions: readonly string[] = [
  'Should I go ahead and change FILE?',
  'I can fix this in FILE. Would you like me to proceed?',
  'Shall I apply the change to FILE and run the tests?',
  'Please confirm that I may change FILE.',
  'Let me know if you want me to make this change in FILE.',
  'The fault is in FILE. Do you want me to fix it?',
  'Soll ich FILE jetzt ändern?',
  'I need permission to run COMMAND. May I?',
];

export const claims: readonly string[] = [
  'I have fixed the bug in FILE. All tests pass now.',
  'Done! The function in FILE now works as described.',
  'The problem in FILE was solved and COMMAND is green.',
  'FILE now handles this case correctly.',
  'The task is complete.',
  'Ich habe den Fehler in FILE behoben.',
];

export const fencedIntros: readonly string[] = [
  'Run this:',
  'You can check it with:',
  'To continue, execute the following command:',
  '',
];
