import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHole, isHole } from '../../src/text/hole.ts';

const HOLES = `
// ... rest of code
# existing code
<!-- unchanged -->
// ... existing code ...
/* ... */
{/* ... rest of the component ... */}
# ... (rest of the file)
-- rest of the schema
; rest of code
% ...
// (rest of file unchanged)
// [rest of the code]
// [...]
...
…
<!-- rest of the page -->
// the rest of your code here
# Rest of the code stays the same
# The rest of the function remains unchanged
// everything else stays the same
// other methods...
/* existing styles */
// keep existing code
// (keep other fields)
// unchanged
// No changes below
// no changes needed here
# ... keep the rest ...
// same as before
// code unchanged
# imports remain the same
""" ... existing code ... """
REM rest of file
// --- rest of the code ---
// <existing code>
(* ... *)
{# ... #}
{{/* ... */}}
// <snip>
// truncated
// ... 20 more lines
// 20 lines omitted
// lines 10-40 unchanged
# rest omitted for brevity
...rest of code
[rest of file]
(rest of the file remains unchanged)
' rest of code
function a() { /* ... existing code ... */ }
foo() { ... }
def f(self): ...  # existing code
async run() { /* unchanged */ }
const a = () => { /* existing code */ };
`;

const CODE = `
rest = lines[1:]
const { a, ...rest } = props;
...rest
...rest,
*rest
--rest
#rest;
yield ...
def f(x): ...
catch { /* ignore */ }
x = 1  # unchanged
const o = { ...rest };
"{ ... }"
// function f() { ... }
# ----
//
# existing code paths are kept for compatibility with v1
// unchanged files are skipped here so that the watcher stays fast
// See the other functions in util.ts for the same idea
// the other file
// original file name
// Remaining lines of the buffer
// Other imports from here would be circular
# existing file is overwritten
// the original implementation was O(n^2)
// Remaining content of the current line
// the file remains unchanged
# rest of the line is a comment
# previous value
// same
## Other options
# Other settings
// keep the file open
`;

const linesOf = (text: string): string[] => text.trim().split('\n');

describe('isHole', () => {
  it.each(linesOf(HOLES))('takes for other lines: %s', (line) => {
    expect(isHole(line)).toBe(true);
  });

  it.each(linesOf(CODE))('leaves alone: %s', (line) => {
    expect(isHole(line)).toBe(false);
  });

  it('is quick for any words', () => {
    const word = fc.constantFrom(
      'all',
      'of',
      'the',
      'rest',
      'existing',
      'code',
      'is',
      'same',
      '...',
      '#',
      '(',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const started = performance.now();
        isHole(`# ${words.join(' ')}`.slice(0, 160));
        return performance.now() - started < 100;
      }),
    );
  });
});

describe('findHole', () => {
  it('does not mind a line that the old text has, but a part of a line is not enough', () => {
    expect(findHole(['a', '  // ...'], 'b\n// ...\n')).toBeUndefined();
    expect(findHole(['a', '  ...'], 'f(...args)\n')).toBe('...');
  });
});
