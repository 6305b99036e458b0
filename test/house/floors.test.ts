import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** From the top down, as AGENTS.md draws it. A file imports from its own room and from the floors below. */
const FLOORS = [
  ['main', 'index'],
  ['cli'],
  ['acp'],
  ['session'],
  ['review'],
  ['agent', 'tui'],
  ['extensions'],
  ['memory', 'mcp'],
  ['tools', 'rollout', 'repo-index'],
  ['context'],
  ['model', 'safety'],
  ['system'],
  ['config', 'demo'],
  ['text'],
  ['protocol'],
];

/** The files that a source file of ours names in import and re-export statements; `values` leaves types out. */
function imports(file: string, what: 'all' | 'values' = 'all'): string[] {
  const source = readFileSync(file, 'utf8');
  const text = what === 'all' ? source : source.replace(/^import type [^;]+;/gm, '');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.tsx?)'/g)].map(([, target = '']) =>
    path.join(path.dirname(file), target),
  );
}

/** The room of `src/model/repair/leaks.ts` is `model`, that of `src/main.ts` is `main`. */
function roomOf(file: string): string {
  const [, room = ''] = file.split(path.sep);
  return room.replace(/\.tsx?$/, '');
}

const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));

const sources = globSync('src/**/*.{ts,tsx}').filter(
  (file) => !file.endsWith('.d.ts') && !file.includes('demo/sample'),
);

test('every file is in a room', () => {
  expect(sources.filter((file) => floorOf(roomOf(file)) < 0)).toEqual([]);
});

test('no file imports from a room beside or above its own', () => {
  const wrong = sources.flatMap((file) =>
    imports(file)
      .filter((target) => {
        const [from, to] = [roomOf(file), roomOf(target)];
        return from !== to && floorOf(to) <= floorOf(from);
      })
      .map((target) => `${file} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('the view knows of the rest only the protocol', () => {
  const wrong = sources
    .filter((file) => roomOf(file) === 'tui')
    .flatMap((file) =>
      imports(file)
        .filter((target) => !['tui', 'text', 'protocol'].includes(roomOf(target)))
        .map((target) => `${file} -> ${target}`),
    );
  expect(wrong).toEqual([]);
});

test('no file imports itself in a circle, not even for a type', () => {
  const isDone = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
    if (isDone.has(file) || trail.includes(file)) return;
    for (const target of imports(file)) visit(target, [...trail, file]);
    isDone.add(file);
  };
  for (const file of sources) visit(file, []);
  expect(circles).toEqual([]);
});
