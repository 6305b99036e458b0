/** The files that a user names for oagent to write, with a link that a command has put in their place. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { BYPASS, bench } from '../support/exec.ts';

/** A file where no command can write: `/tmp` is open to them. */
function victim(): string {
  const folder = mkdtempSync('/var/tmp/oagent-victim-');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'file'), 'untouched');
  return path.join(folder, 'file');
}

test('-o does not follow a link that a command makes meanwhile', async () => {
  const file = victim();
  const call = { name: 'shell', arguments: { command: `ln -sf ${file} last.md` } };
  const { run } = await bench((_request, index) =>
    index === 0 ? { toolCalls: [call] } : { content: 'Done.' },
  );
  const { code, stdout, stderr } = await run(['exec', BYPASS, '-o', 'last.md', 'Hi']);
  expect([code, stdout, readFileSync(file, 'utf8')]).toEqual([1, 'Done.\n', 'untouched']);
  expect(stderr).toContain('Error: -o last.md: ELOOP');
});

test('-o and an export do not follow a link that an earlier command has made', async () => {
  const { run, asked, home, cwd } = await bench([{ content: 'Done.' }]);
  await run(['exec', BYPASS, 'Hi']);
  const requests = asked();
  const file = victim();
  symlinkSync(file, path.join(cwd, 'last.md'));
  const reason = `a link in a folder where commands can write leads to ${file}; name that file itself`;
  const written = await run(['exec', BYPASS, '-o', 'last.md', 'Hi']);
  expect([written.code, asked()]).toEqual([1, requests]);
  expect(written.stderr).toContain(`Error: -o last.md: ${reason}\n`);
  const id = rolloutFiles(home)[0]?.id ?? '';
  const exported = await run(['sessions', 'export', id, '-o', 'last.md']);
  expect([exported.code, readFileSync(file, 'utf8')]).toEqual([1, 'untouched']);
  expect(exported.stderr).toBe(`Error: cannot write ${path.join(cwd, 'last.md')}: ${reason}\n`);
});
