import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatchError } from '../../../src/tools/apply-patch/errors.ts';
import {
  addMissingMarkers,
  dropNoNewlineNotes,
  dropProse,
  joinPatches,
  normalizePatch,
  readPatch,
  repairAddBodies,
  straightenMarkers,
  unescapeSingleLine,
  unwrapFence,
  unwrapHeredoc,
  unwrapJson,
} from '../../../src/tools/apply-patch/normalize.ts';
import { parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { anyPatch } from './arbitrary.ts';
import { patchOf, render } from './support.ts';

const BODY = ['*** Update File: src/a.py', '@@ def f():', ' x', '-y', '+z'] as const;
const PATCH = patchOf(...BODY);
const MEANT = parsePatch(PATCH);

describe('readPatch accepts', () => {
  it.each([
    ['decorated markers', `*** Begin Patch ***\n${BODY.join('\n')}\n*** End Patch ***`],
    [
      'bold markers',
      `**Begin Patch**\n**Update File: src/a.py**\n${BODY.slice(1).join('\n')}\n**End Patch**`,
    ],
    [
      'bold names in headers',
      `## Begin Patch\n### Update File: \`src/a.py\`\n${BODY.slice(1).join('\n')}\n## End Patch`,
    ],
    ['markers of dashes and words', `--- BEGIN_PATCH ---\n${BODY.join('\n')}\n=== end patch ===`],
    [
      'a decorated header',
      patchOf('*** Update File: src/a.py ***', ...BODY.slice(1)).replace('Patch', 'Patch ***'),
    ],
    ['a lower-case header', patchOf('*** update file: "src/a.py"', ...BODY.slice(1))],
    ['a missing begin', `${BODY.join('\n')}\n*** End Patch\n`],
    ['a missing end', `*** Begin Patch\n${BODY.join('\n')}\n`],
    ['both missing', BODY.join('\n')],
    ['a fence', `\`\`\`diff\n${PATCH}\n\`\`\``],
    ['a fence without language', `\`\`\`\n${PATCH}\n\`\`\`\n`],
    ['a fence inside', `*** Begin Patch\n${BODY.join('\n')}\n*** End Patch\n\`\`\``],
    ['a command', `apply_patch <<'EOF'\n${PATCH}\nEOF\n`],
    ['a command in a shell', `bash -lc "apply_patch <<'PATCH'\n${PATCH}\nPATCH"`],
    ['a heredoc with another word', `<<'PATCH'\n${PATCH}\nPATCH`],
    ['a command without its end', `apply_patch <<'EOF'\n${PATCH}`],
    ['a command in a fence', `\`\`\`bash\napply_patch <<EOF\n${PATCH}\nEOF\n\`\`\``],
    ['JSON with input', JSON.stringify({ input: PATCH })],
    ['JSON with patch', JSON.stringify({ patch: PATCH }, undefined, 2)],
    ['a JSON string', JSON.stringify(PATCH)],
    ['JSON in a fence', `\`\`\`json\n${JSON.stringify({ input: PATCH })}\n\`\`\``],
    ['JSON in JSON', JSON.stringify({ input: JSON.stringify({ patch: PATCH }) })],
    ['escaped line breaks', PATCH.replaceAll('\n', '\\n')],
    ['CRLF', PATCH.replaceAll('\n', '\r\n')],
    ['CRLF in a fence', `\`\`\`\n${PATCH}\n\`\`\``.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${PATCH}`],
    ['an introduction and a closing word', `Here is the patch:\n\n\`\`\`\n${PATCH}\n\`\`\`\nDone.`],
    ['a note of a missing newline', patchOf(...BODY, '\\ No newline at end of file')],
  ])('%s', (_name, text) => {
    expect(readPatch(text)).toEqual(MEANT);
  });

  it('CRLF in escaped and fenced texts without touching the content', () => {
    const text = '```\r\n*** Begin Patch\r\n*** Add File: a\r\n+x\r\n*** End Patch\r\n```';
    expect(readPatch(text)).toEqual({ ops: [{ kind: 'add', path: 'a', content: 'x\n' }] });
  });
});

describe('normalizePatch', () => {
  it('returns what parses as it is', () => {
    fc.assert(
      fc.property(anyPatch, fc.constantFrom('\n', '\r\n'), (patch, eol) => {
        const text = render(patch).replaceAll('\n', eol);
        expect(normalizePatch(text)).toBe(text);
      }),
    );
  });

  it('means the same for every wrapper of every patch', () => {
    const wrapper = fc.constantFrom<(text: string) => string>(
      (text) => `\`\`\`patch\n${text}\`\`\``,
      (text) => JSON.stringify({ input: text }),
      (text) => JSON.stringify(text),
      (text) => text.replace('*** Begin Patch', '*** Begin Patch ***'),
      (text) => text.replace('*** Begin Patch', '**Begin Patch**'),
      (text) => `apply_patch <<'END_OF_IT'\n${text}END_OF_IT\n`,
    );
    const filled = anyPatch.filter((patch) => patch.ops.length > 0);
    fc.assert(
      fc.property(filled, wrapper, (patch, wrap) => {
        expect(readPatch(wrap(render(patch)))).toEqual(patch);
      }),
    );
  });

  it.each([
    ['a patch that is indented', ['*** Update File: a', '@@', ' x', '-y', '+z'].map((line) => `  ${line}`)],
    ['the names of a unified diff', ['*** Update File: a', '--- a/a', '+++ b/a', '@@', ' x', '-y', '+z']],
    ['line numbers without blanks', ['*** Update File: a', '@@-1,2 +1,2@@', ' x', '-y', '+z']],
  ])('reads past %s', (_name, lines) => {
    const [op] = readPatch(patchOf(...lines)).ops;
    const hunks = op?.kind === 'update' ? op.chunks.map((chunk) => chunk.lines) : [];
    expect(hunks).toEqual([
      [
        { kind: 'context', text: 'x' },
        { kind: 'remove', text: 'y' },
        { kind: 'add', text: 'z' },
      ],
    ]);
  });

  it('keeps removed dashes that are not the names of a diff', () => {
    const [op] = readPatch(patchOf('*** Update File: a', '@@', '--- old', '+++ new', '@@', '-y', '+z')).ops;
    expect(op?.kind === 'update' ? op.chunks.length : 0).toBe(2);
  });

  it('answers any text with a patch or a PatchError', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '*** Begin Patch',
        '*** Begin Patch ***',
        '*** End Patch',
        '*** Update File: a',
        '*** Add File: b',
        '@@',
        '@@ -1 +1 @@ x',
        '```',
        '```diff',
        "apply_patch <<'EOF'",
        'EOF',
        '{"input": "',
        '"}',
        '<<<<<<< SEARCH',
        '=======',
        '>>>>>>> REPLACE',
        'a.py',
        'diff --git a/x b/x',
        '--- a/x',
        '+++ b/x',
        '--- /dev/null',
        'rename from x',
        'new file mode 100644',
        '\\ No newline at end of file',
      ),
      fc.string(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          expect(Array.isArray(readPatch(pieces.join('\n')).ops)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PatchError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['spaces', ' '.repeat(200_000)],
    ['stars', `*** Add File: ${'* '.repeat(100_000)}x`],
    ['frames', `*${'= '.repeat(100_000)}x`],
    ['fences', '```\n'.repeat(50_000)],
    ['heredocs', "apply_patch <<'EOF'\n".repeat(20_000)],
    ['ends', '*** End Patch\n\n'.repeat(20_000)],
    ['quotes', `bash -lc '${"'\\''".repeat(50_000)}`],
    ['backslashes', `bash -lc "${'\\'.repeat(200_001)}"`],
    ['searches', `a.py\n${'<<<<<<< SEARCH\n'.repeat(2_000)}`],
    ['headers', '--- a/x\n+++ b/x\n'.repeat(20_000)],
    ['cds', `${'cd '.repeat(100_000)}\n*** Begin Patch\n*** End Patch`],
  ])('is not slowed down by many %s', (_name, text) => {
    expect(cpuTime(() => normalizePatch(text))).toBeLessThan(1500);
  });

  it.each([
    ['prose', 'Change y to z in src/a.py.'],
    ['prose around JSON', `Use {"input": "x"}`],
    ['a patch behind a change of folder', `cd sub && apply_patch <<'EOF'\n${PATCH}\nEOF`],
    ['context without its space', patchOf('*** Update File: a', '@@', 'x', '-y', '+z')],
    ['an added file with and without plus signs', patchOf('*** Add File: a', '+x', 'y')],
    ['only hunks', '@@ -1 +1 @@\n-x\n+y'],
  ])('leaves %s for the parser to refuse', (_name, text) => {
    expect(() => readPatch(text)).toThrow(PatchError);
  });
});

/** Rule, case, text, what it becomes; a missing last entry means that it stays as it is. */
const RULE_CASES: readonly (readonly [(text: string) => string, string, string, string?])[] = [
  [unwrapJson, 'input', '{"input": "a\\nb"}', 'a\nb'],
  [unwrapJson, 'a string', ' "a" ', 'a'],
  [unwrapJson, 'another key', '{"text": "a"}'],
  [unwrapJson, 'two keys', '{"input": "a", "patch": "b"}'],
  [unwrapJson, 'no string', '{"input": ["a"]}'],
  [unwrapJson, 'broken JSON', '{"input": "a'],
  [unwrapJson, 'an array', '["a"]'],
  [
    unescapeSingleLine,
    'one line',
    '*** Begin Patch\\n+\\"a\\"\\n*** End Patch',
    '*** Begin Patch\n+"a"\n*** End Patch',
  ],
  [unescapeSingleLine, 'bare quotes, so not escaped twice', '*** Begin Patch\\n+"a"\\n*** End Patch'],
  [unescapeSingleLine, 'real lines', '*** Begin Patch\n+a\\n\n*** End Patch'],
  [unwrapHeredoc, 'a command', 'applypatch << "X"\na\nX', 'a'],
  [unwrapHeredoc, 'a bare heredoc', '<< X\na\nX\n', 'a'],
  [unwrapHeredoc, 'another folder', 'cd a && apply_patch <<X\na\nX'],
  [unwrapHeredoc, 'another end', '<<X\na\nY'],
  [unwrapHeredoc, 'another command', 'cat <<X\na\nX'],
  [unwrapFence, 'backticks', '```diff\na\n```\n', 'a'],
  [unwrapFence, 'tildes', '~~~\na\n~~~', 'a'],
  [unwrapFence, 'a fence inside', '````\n```\na\n```\n````', '```\na\n```'],
  [unwrapFence, 'no end', '```\na'],
  [unwrapFence, 'text before', 'x\n```\na\n```'],
  [
    straightenMarkers,
    'a move and an end of file',
    '**Update File: a**\n*** move to: `b`\n@@\n-x\n*** End of File ***',
    '*** Update File: a\n*** Move to: b\n@@\n-x\n*** End of File\n',
  ],
  [
    straightenMarkers,
    'content that looks like a marker',
    '*** Begin Patch\n*** Add File: a\n+*** End Patch ***\n *** End Patch ***\n-## Add File: b\n*** End Patch',
  ],
  [straightenMarkers, 'headings beside real headers', '*** Add File: a\n## Add File: b'],
  [straightenMarkers, 'a removed line', '*** Begin Patch\n*** Update File: a\n-End Patch'],
  [straightenMarkers, 'a verb that is none', '*** Begin Patch\n*** Rename File: a\n*** End Patch'],
  [
    dropProse,
    'text around',
    'Sure!\n*** Begin Patch\n*** Delete File: a\n*** End Patch\nDone',
    '*** Begin Patch\n*** Delete File: a\n*** End Patch\n',
  ],
  [dropProse, 'two patches', `${PATCH}\n${PATCH}`],
  [dropProse, 'a piece of a patch outside', `+x\n${PATCH}`],
  [dropProse, 'a change of folder', `cd x\n${PATCH}`],
  [dropProse, 'no markers', 'a'],
  [dropProse, 'an end before the begin', '*** End Patch\n*** Begin Patch\n*** Delete File: a'],
  [
    addMissingMarkers,
    'no begin',
    '*** Delete File: a\n*** End Patch',
    '*** Begin Patch\n*** Delete File: a\n*** End Patch\n',
  ],
  [
    addMissingMarkers,
    'no end',
    '*** Begin Patch\n*** Delete File: a',
    '*** Begin Patch\n*** Delete File: a\n*** End Patch\n',
  ],
  [addMissingMarkers, 'prose', 'Delete a'],
  [addMissingMarkers, 'a begin and nothing else', '*** Begin Patch'],
  [
    joinPatches,
    'two patches',
    '*** Begin Patch\n*** Delete File: a\n*** End Patch\n\n*** Begin Patch\n*** Delete File: b\n*** End Patch\n',
    '*** Begin Patch\n*** Delete File: a\n*** Delete File: b\n*** End Patch\n',
  ],
  [joinPatches, 'text between', '*** End Patch\nand\n*** Begin Patch\n'],
  [joinPatches, 'markers as content', '+*** End Patch\n+*** Begin Patch\n'],
  [dropNoNewlineNotes, 'a note', '-a\n\\ No newline at end of file\n+b\n', '-a\n+b\n'],
  [dropNoNewlineNotes, 'a note as content', '+\\ No newline at end of file\n'],
  [
    repairAddBodies,
    'empty lines',
    '*** Add File: a\n+x\n\n+y\n\n*** Delete File: b\n\n*** End Patch',
    '*** Add File: a\n+x\n+\n+y\n*** Delete File: b\n*** End Patch\n',
  ],
  [
    repairAddBodies,
    'a raw body',
    '*** Add File: a\nx = 1\n\n  y\n*** End Patch',
    '*** Add File: a\n+x = 1\n+\n+  y\n*** End Patch\n',
  ],
  [
    repairAddBodies,
    'a hunk header',
    '*** Add File: a\n@@ -0,0 +1,2 @@\n+x\n*** End Patch',
    '*** Add File: a\n+x\n*** End Patch\n',
  ],
  [repairAddBodies, 'a mixed body', '*** Add File: a\n+x\ny\n*** End Patch\n'],
  [repairAddBodies, 'a body with removals', '*** Add File: a\nx\n-y\n*** End Patch\n'],
  [repairAddBodies, 'an update', '*** Update File: a\n@@\n-x\n\n+y\n*** End Patch\n'],
];

describe('rules', () => {
  it.each(
    RULE_CASES.map(([rule, name, text, expected]) => ({
      rule,
      name: `${rule.name}: ${name}`,
      text,
      expected,
    })),
  )('$name', ({ rule, text, expected }) => {
    expect(rule(text)).toBe(expected ?? text);
  });
});
