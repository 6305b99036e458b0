import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isSystemProgram } from '../../src/safety/search-path.ts';
import { tempFolder } from '../support/temp-folder.ts';

function program(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
}

test('the first file of that name decides; folders of that name are passed over, as by bash', async () => {
  const base = await tempFolder();
  const [system, other, project] = ['usr', 'opt', 'project'].map((name) => path.join(base, name)) as [
    string,
    string,
    string,
  ];
  program(path.join(system, 'ls'));
  mkdirSync(path.join(other, 'ls'), { recursive: true });
  program(path.join(project, 'ls'));
  const isSystem = (...folders: string[]) => isSystemProgram('ls', folders.join(path.delimiter), [project]);
  expect([
    isSystem(system, project),
    isSystem(project, system),
    isSystem(other, system, project),
    isSystem(other, project, system),
    isSystem('.', system),
    isSystem(path.join(base, 'none'), system),
    isSystemProgram('ls', undefined, [project]),
  ]).toEqual([true, false, true, false, false, true, true]);
});
