import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interceptApplyPatch, mentionsPatchCall } from '../../../src/tools/apply-patch/intercept.ts';
import { cpuTime } from '../../support/cpu-time.ts';

const PATCH = '*** Begin Patch\n*** Add File: a\n+it\'s "$x" `y` \\z\n*** End Patch';
const HEREDOC = `apply_patch <<'EOF'\n${PATCH}\nEOF`;
const doubleQuoted = (script: string): string => `"${script.replace(/["\\$`]/g, '\\$&')}"`;
const singleQuoted = (script: string): string => `'${script.replaceAll("'", "'\\''")}'`;

describe('interceptApplyPatch', () => {
  it.each<[string, string | readonly string[]]>([
    ['a heredoc', HEREDOC],
    ['space around it', `\n  ${HEREDOC}\n\n`],
    ['the other name', HEREDOC.replace('apply_patch', 'applypatch')],
    ['an unquoted word', HEREDOC.replace("'EOF'", 'EOF')],
    ['a double-quoted word', HEREDOC.replace("'EOF'", ' "EOF" ')],
    ['CRLF after the word', HEREDOC.replace("'EOF'", "'EOF'\r")],
    ['a shell with double quotes', `bash -lc ${doubleQuoted(HEREDOC)}`],
    ['a shell with single quotes', `/bin/sh -c ${singleQuoted(HEREDOC)}\n`],
    ['arguments', ['apply_patch', PATCH]],
    ['arguments with the other name', ['applypatch', PATCH]],
    ['arguments of a shell', ['bash', '-lc', HEREDOC]],
    ['arguments of zsh', ['/bin/zsh', '-c', HEREDOC]],
  ])('takes %s', (_name, command) => {
    expect(interceptApplyPatch(command)).toEqual({ patch: PATCH });
  });

  it.each([
    ['sub/dir', 'sub/dir'],
    ["'a b'", 'a b'],
    ['"a b"', 'a b'],
    ['../x', '../x'],
  ])('takes a folder spelled %s', (spelled, workdir) => {
    expect(interceptApplyPatch(`cd ${spelled} && ${HEREDOC}`)).toEqual({ patch: PATCH, workdir });
    expect(interceptApplyPatch(['bash', '-lc', `cd ${spelled} && ${HEREDOC}`])).toEqual({
      patch: PATCH,
      workdir,
    });
  });

  it.each<[string, string, string]>([
    ['on the lines below', `${HEREDOC}\nnpm test\n\necho x\n`, 'npm test\n\necho x'],
    ['after the word', `apply_patch <<'EOF' && npm test \n${PATCH}\nEOF`, 'npm test'],
    ['after a semicolon', `apply_patch <<'EOF'; npm test\n${PATCH}\nEOF\n`, 'npm test'],
    ['in both places', `apply_patch <<'EOF' && a && b\n${PATCH}\nEOF\nc`, 'a && b\nc'],
    ['after an operator on the next line', `${HEREDOC}\n&& npm test`, 'npm test'],
    ['in a shell of its own', `bash -lc ${singleQuoted(`${HEREDOC}\nnpm test`)}`, 'npm test'],
    ['another patch', `${HEREDOC}\n${HEREDOC}`, HEREDOC],
  ])('gives back what follows: %s', (_name, command, rest) => {
    expect(interceptApplyPatch(command)).toEqual({ patch: PATCH, rest });
    expect(interceptApplyPatch(`cd x && ${command.replace(/^bash.*/s, HEREDOC)}`)?.workdir).toBe('x');
  });

  it.each([
    `set -e\n${HEREDOC}`,
    `echo x; ${HEREDOC}`,
    `cat a && ${HEREDOC}`,
    `(${HEREDOC})`,
    `apply_patch <<'EOF' | tee log\n${PATCH}\nEOF`,
    `cd "$HOME" && ${HEREDOC}`,
  ])('knows that %j applies a patch, too', (command) => {
    expect([interceptApplyPatch(command), mentionsPatchCall(command)]).toEqual([undefined, true]);
  });

  it('knows what only speaks of one', () => {
    const others = [
      '',
      'ls',
      `cat > p <<'EOF'\n${PATCH}\nEOF`,
      'grep apply_patch <<< x',
      `echo "run apply_patch"\n${PATCH}`,
    ];
    expect(others.filter(mentionsPatchCall)).toEqual([]);
    expect(cpuTime(() => mentionsPatchCall(`${';apply_patch '.repeat(20_000)}*** Begin Patch`))).toBeLessThan(
      500,
    );
    expect(cpuTime(() => interceptApplyPatch(`apply_patch <<E && ${' '.repeat(100_000)}`))).toBeLessThan(500);
  });

  it.each<[string, string | readonly string[]]>([
    ['nothing', ''],
    ['no arguments', []],
    ['another command', `cat <<'EOF'\n${PATCH}\nEOF`],
    ['something before', `echo x; ${HEREDOC}`],
    ['another heredoc after the word', `apply_patch <<'EOF' && cat <<'X'\n${PATCH}\nEOF\nX`],
    ['an or after the word', `apply_patch <<'EOF' || echo x\n${PATCH}\nEOF`],
    ['a redirection', `apply_patch <<'EOF' > log\n${PATCH}\nEOF`],
    ['an argument', `apply_patch -v <<'EOF'\n${PATCH}\nEOF`],
    ['no end', `apply_patch <<'EOF'\n${PATCH}`],
    ['a heredoc with tabs stripped', `apply_patch <<-'EOF'\n${PATCH}\nEOF`],
    ['a semicolon after cd', `cd x; ${HEREDOC}`],
    ['an or after cd', `cd x || ${HEREDOC}`],
    ['two folders', `cd x y && ${HEREDOC}`],
    ['the last folder', `cd - && ${HEREDOC}`],
    ['an option', `cd '-P' && ${HEREDOC}`],
    ['a folder that is expanded', `cd $HOME && ${HEREDOC}`],
    ['a quoted folder that is expanded', `cd "$HOME" && ${HEREDOC}`],
    ['the home folder', `cd ~/x && ${HEREDOC}`],
    ['two commands', `cd x && cd y && ${HEREDOC}`],
    ['a shell call that is expanded', `bash -lc "${HEREDOC}"`],
    ['two words for a shell', `bash -lc ${singleQuoted(HEREDOC)} x`],
    ['another shell option', ['bash', '-x', HEREDOC]],
    ['more arguments', ['apply_patch', PATCH, 'x']],
    ['arguments of another program', ['cat', PATCH]],
    ['a quoted argument that the shell would split', `apply_patch '${PATCH}'`],
    ['a quoted argument that the shell would expand', 'apply_patch "*** Begin Patch $x"'],
    ['a patch that is talked about', `echo hi\n${PATCH}`],
  ])('leaves %s', (_name, command) => {
    expect(interceptApplyPatch(command)).toBeUndefined();
  });

  it('takes a bare patch, and one that is a quoted argument', () => {
    const plain = '*** Begin Patch\n*** Delete File: a\n*** End Patch';
    expect(interceptApplyPatch(`\n${PATCH}\n`)).toEqual({ patch: `\n${PATCH}\n` });
    expect(interceptApplyPatch(`apply_patch '${plain}'`)).toEqual({ patch: plain });
    expect(interceptApplyPatch(`applypatch "${plain}"\n`)).toEqual({ patch: plain });
  });

  it('gives back any body, however it is quoted', () => {
    const body = fc.array(
      fc.string({ unit: 'binary' }).filter((line) => !/[\n\r\0]|^EOF$/.test(line)),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(body, fc.constantFrom(doubleQuoted, singleQuoted), (lines, quote) => {
        const patch = lines.join('\n');
        const script = `apply_patch <<'EOF'\n${patch}\nEOF`;
        expect(interceptApplyPatch(script)).toEqual({ patch });
        expect(interceptApplyPatch(`bash -lc ${quote(script)}`)).toEqual({ patch });
      }),
    );
  });
});
