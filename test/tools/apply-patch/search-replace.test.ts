import { describe, expect, it } from 'vitest';
import { normalizePatch } from '../../../src/tools/apply-patch/normalize.ts';
import { fromSearchReplace } from '../../../src/tools/apply-patch/search-replace.ts';
import { patchOf } from './support.ts';

const BLOCK = ['<<<<<<< SEARCH', 'a', 'b', '=======', 'a', 'c', '>>>>>>> REPLACE'] as const;
const UPDATE = `${patchOf('*** Update File: src/x.py', '@@', ' a', '-b', '+c')}\n`;

function text(...lines: readonly string[]): string {
  return lines.join('\n');
}

describe('fromSearchReplace', () => {
  it.each([
    ['a path before the block', text('src/x.py', ...BLOCK), UPDATE],
    ['a path before the fence', text('src/x.py', '```python', ...BLOCK, '```'), UPDATE],
    ['a path inside the fence', text('```python', 'src/x.py', ...BLOCK, '```'), UPDATE],
    ['a bold, quoted path with a colon', text('**`src/x.py`**:', '', ...BLOCK), UPDATE],
    ['a path behind the fence', text('```python src/x.py', ...BLOCK, '```'), UPDATE],
    [
      'other words',
      text('src/x.py', '<<<<<<< ORIGINAL', 'a', 'b', '=======', 'a', 'c', '>>>>>>> UPDATED'),
      UPDATE,
    ],
    [
      'the number of a line',
      text('src/x.py', '<<<<<<< SEARCH', ':start_line:4', '-------', ...BLOCK.slice(1)),
      UPDATE,
    ],
    ['a heading', text('### File: src/x.py', ...BLOCK), UPDATE],
    ['patch markers around it', patchOf('*** Update File: src/x.py', ...BLOCK), UPDATE],
    ['CRLF', text('src/x.py', ...BLOCK).replaceAll('\n', '\r\n'), UPDATE],
    [
      'several blocks of several files',
      text('x', ...BLOCK, ...BLOCK, 'y', '<<<<<<< SEARCH', 'q', '=======', '>>>>>>> REPLACE'),
      `${patchOf('*** Update File: x', '@@', ' a', '-b', '+c', '@@', ' a', '-b', '+c', '*** Update File: y', '@@', '-q')}\n`,
    ],
    [
      'content that looks like a marker',
      text('x.md', '<<<<<<< SEARCH', '## Add File: y', '=======', '# Begin Patch', '>>>>>>> REPLACE'),
      `${patchOf('*** Update File: x.md', '@@', '-## Add File: y', '+# Begin Patch')}\n`,
    ],
  ])('reads %s', (_name, blocks, expected) => {
    expect(fromSearchReplace(blocks)).toBe(expected);
    expect(normalizePatch(blocks)).toBe(expected);
  });

  it.each([
    ['a block without a path', text(...BLOCK)],
    ['an empty search', text('x', '<<<<<<< SEARCH', '=======', 'a', '>>>>>>> REPLACE')],
    ['a block without an end', text('x', '<<<<<<< SEARCH', 'a', '=======', 'b')],
    ['a block without a divider', text('x', '<<<<<<< SEARCH', 'a', '>>>>>>> REPLACE')],
    ['two dividers', text('x', '<<<<<<< SEARCH', 'a', '=======', 'b', '=======', 'c', '>>>>>>> REPLACE')],
    ['prose', text('Now I change the file:', ...BLOCK)],
    ['git conflict markers', text('x', '<<<<<<< HEAD', 'a', '=======', 'b', '>>>>>>> main')],
    ['no blocks', text('x', 'y')],
  ])('leaves %s alone', (_name, blocks) => {
    expect(fromSearchReplace(blocks)).toBe(blocks);
  });
});
