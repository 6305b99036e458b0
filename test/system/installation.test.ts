import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { insideOwnPart, isOwnPart, ownPartsBelow, partsOf } from '../../src/system/installation.ts';
import { temporaryFolder } from '../repo-index/repository.ts';

/** The parts below `root`, of a program with this file. */
function partsBelow(root: string, source: string, node = '/usr/bin/node'): string[] {
  const file = path.join(root, source);
  mkdirSync(path.dirname(file), { recursive: true });
  return partsOf(file, node).flatMap((part) => {
    const name = path.relative(root, part);
    return name.startsWith('..') ? [] : [name];
  });
}

test('of a package in a project all packages are parts, also for other package managers', () => {
  const root = temporaryFolder();
  mkdirSync(path.join(root, 'node_modules/oagent'), { recursive: true });
  writeFileSync(path.join(root, 'node_modules/oagent/package.json'), '{}');
  expect(partsBelow(root, 'node_modules/oagent/dist/chunks/a.js')).toEqual(['node_modules']);
  const pnpm = 'node_modules/.pnpm/oagent@1/node_modules/oagent';
  mkdirSync(path.join(root, pnpm), { recursive: true });
  writeFileSync(path.join(root, pnpm, 'package.json'), '{}');
  expect(partsBelow(root, `${pnpm}/dist/run.js`)).toEqual(['node_modules']);
});

test('of a checkout the program, its packages, and those that could be put above it are parts', () => {
  const root = temporaryFolder();
  mkdirSync(path.join(root, 'work/oagent'), { recursive: true });
  writeFileSync(path.join(root, 'work/oagent/package.json'), '{}');
  expect(partsBelow(root, 'work/oagent/dist/run.js', path.join(root, 'tools/bin/node'))).toEqual([
    'work/oagent/dist',
    'work/oagent/package.json',
    'tools/bin/node',
    'work/oagent/node_modules',
    'work/node_modules',
    'node_modules',
  ]);
});

test('of the running program', () => {
  const root = path.resolve('.');
  const parts = ['src', 'package.json', 'node_modules'].map((name) => path.join(root, name));
  expect(ownPartsBelow([root])).toEqual(parts);
  expect([isOwnPart(path.resolve('src/main.ts')), isOwnPart(path.resolve('docs'))]).toEqual([true, false]);
  expect([insideOwnPart([root, path.resolve('src/cli')]), insideOwnPart([root])]).toEqual([
    path.resolve('src/cli'),
    undefined,
  ]);
});
