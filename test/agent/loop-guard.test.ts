import { expect, test } from 'vitest';
import { LoopGuard } from '../../src/agent/loop-guard.ts';

/** Makes `name:result` calls, each an answer of its own, with the name as the only argument. */
function actions(guard: LoopGuard, ...made: string[]): string[] {
  return made.map((pair) => {
    const [name = '', result = ''] = pair.split(':');
    const [{ permit = 'run' } = {}] = guard.judge([{ name, arguments: { name } }]);
    if (permit !== 'run') {
      guard.refused(name, { name });
      return permit;
    }
    return guard.observe(name, { name }, result).isRepeated ? 'note' : 'run';
  });
}

test('the third identical call gets a note, the fourth is not run, the fifth stops', () => {
  expect(actions(new LoopGuard(), 'a:1', 'a:1', 'a:1', 'a:1', 'a:1')).toEqual([
    'run',
    'run',
    'note',
    'refuse',
    'stop',
  ]);
});

test('two calls by turns are a loop too', () => {
  expect(actions(new LoopGuard(), 'a:1', 'b:1', 'a:1', 'b:1', 'a:1', 'b:1', 'a:1', 'b:1', 'a:1')).toEqual([
    'run',
    'run',
    'run',
    'run',
    'note',
    'note',
    'refuse',
    'refuse',
    'stop',
  ]);
});

test('another result is no repetition', () => {
  expect(actions(new LoopGuard(), 'a:1', 'a:2', 'a:3', 'a:4', 'a:5')).toEqual(Array(5).fill('run'));
});

test('the same failing test between different edits is work', () => {
  expect(
    actions(new LoopGuard(), 't:x', 'e1:ok', 't:x', 'e2:ok', 't:x', 'e3:ok', 't:x', 'e4:ok', 't:x'),
  ).toEqual(Array(9).fill('run'));
});

test('a call that was refused may be made again after something new', () => {
  expect(actions(new LoopGuard(), 'a:1', 'a:1', 'a:1', 'a:1', 'b:1', 'a:1')).toEqual([
    'run',
    'run',
    'note',
    'refuse',
    'run',
    'run',
  ]);
});

test('what follows a new call in the same answer is run', () => {
  const guard = new LoopGuard();
  actions(guard, 't:x', 't:x', 't:x');
  const test = { name: 't', arguments: { name: 't' } };
  const edit = { name: 'e', arguments: {} };
  expect(guard.judge([edit, test]).map(({ permit }) => permit)).toEqual(['run', 'run']);
  expect(guard.judge([test, edit]).map(({ permit }) => permit)).toEqual(['refuse', 'run']);
});

test('while something runs in the background it takes twice as many', () => {
  expect(actions(new LoopGuard(() => true), ...Array<string>(10).fill('a:1'))).toEqual([
    ...Array(5).fill('run'),
    'note',
    'note',
    'refuse',
    'refuse',
    'stop',
  ]);
});

test('a model that has forgotten may do all of it once more, which is nothing new', () => {
  const guard = new LoopGuard();
  const observe = () => guard.observe('a', {}, '1');
  expect([observe(), observe()]).toEqual([
    { count: 1, isNew: true, isRepeated: false },
    { count: 2, isNew: false, isRepeated: false },
  ]);
  guard.forget();
  expect([observe(), observe(), observe()]).toEqual([
    { count: 1, isNew: false, isRepeated: false },
    { count: 2, isNew: false, isRepeated: false },
    { count: 3, isNew: false, isRepeated: true },
  ]);
});
