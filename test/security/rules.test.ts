/** A command that a rule forbids, written in every way that bash, git and other programs would still run it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify } from '../../src/safety/dangerous.ts';
import { decideByRules, type Rules } from '../../src/safety/rules.ts';
import { parseRules } from '../../src/safety/rules-source.ts';
import { cpuTime } from '../support/cpu-time.ts';
import { scriptPieces } from '../support/script-pieces.ts';

const rulesOf = (text: string): Rules => ({ file: '', rules: parseRules('rules.toml', text) });
const RULES = rulesOf(`
[[rule]]
prefix = ["git", "push"]
decision = "forbidden"
[[rule]]
prefix = ["curl"]
decision = "prompt"
`);

function decision(command: string, rules = RULES): string | undefined {
  const { segments, reach } = classify(command);
  return decideByRules(segments, rules, reach)?.decision;
}

const GIT = [
  ...[
    'git -C . push',
    'git -c a=b push',
    'git -c a=b -c c=d push',
    'git --no-pager push',
    'git -p push',
    'git -P push',
  ],
  ...[
    'git --git-dir=.git push',
    'git --git-dir .git push',
    'git --work-tree=. --git-dir=.git push',
    'git --bare push',
  ],
  ...['git --exec-path=/usr/lib/git-core push', 'git --namespace x push', 'git --config-env=a.b=C push'],
  ...['git --no-optional-locks -C a -C b push origin', 'git --unknown push', 'git --unknown value push'],
  ...[
    'git -c alias.p=push p',
    "git -c alias.p='push origin' p",
    "git -c 'alias.p=!git push' p",
    'git config alias.p push; git p',
  ],
  ...['git config --global alias.p "push -f" && git p', 'git -c core.pager="git push" log', 'git psuh'],
  ...[
    'GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=alias.p GIT_CONFIG_VALUE_0=push git p',
    'git --config-env=alias.p=P p',
  ],
  ...['git bisect run git push', "git rebase -x 'git push' HEAD~1", "git rebase --exec='git push' main"],
  ...[
    'git submodule foreach git push',
    "git submodule foreach 'git push'",
    "git fetch --upload-pack='git push' x",
  ],
  ...[
    "git ls-remote 'ext::git push'",
    '/usr/lib/git-core/git-push',
    'git-push origin',
    '/usr/bin/git push',
    './git push',
  ],
];

const SHELL = [
  ...[
    '\\git push',
    '"git" push',
    "'git' push",
    "g''it push",
    "$'git' push",
    '$"git" push',
    'git "push"',
    'git pu\\sh',
  ],
  ...[
    'gi\\\nt push',
    'git \\\n push',
    '{ git push; }',
    '(git push)',
    'git push &',
    '! git push',
    'time git push',
    'time -p git push',
  ],
  ...[
    'coproc git push',
    'f() { git push; }; f',
    'f() { "$@"; }; f git push',
    'if true; then git push; fi',
    'X=1 git push',
  ],
  ...[
    'for i in 1; do git push; done',
    'case a in a) git push;; esac',
    'echo $(git push)',
    'echo `git push`',
    'cat <(git push)',
  ],
  ...[
    'cat <<E\n$(git push)\nE',
    `echo "\${x:-$(git push)}"`,
    'git push > log 2>&1',
    '2>&1 git push',
    'X=$(git push)',
    'git push\n(',
  ],
  ...[
    'trap "git push" EXIT',
    'alias p="git push"; p',
    'hash -p /usr/bin/git p; p push',
    '[[ -v "a[\\$(git push)]" ]]',
  ],
  ...[
    "test -v 'a[$(git push)]'",
    '/usr/bin/gi? push',
    '/usr/bin/g*t push',
    'git pu{sh,}',
    '{git,push}',
    'set -- git push; "$@"',
  ],
  ...[
    'g=git; $g push',
    'x=push; git $x',
    `a=(git push); "\${a[@]}"`,
    '$(echo git) push',
    `\${x:-git} push`,
    'git $(echo push)',
  ],
  ...[
    'eval git push',
    "eval 'git push'",
    'eval "git $x"',
    'x="git push"; eval $x',
    'eval "eval \'git push\'"',
    'GIT push',
    'exec git push',
  ],
  ...[
    'while read c; do $c; done <<< "git push"',
    'select x in git; do $x push; done',
    'mapfile -C "git push" -c 1 a < b',
  ],
];

const FED = [
  ...[
    "bash -c 'git push'",
    'bash -lc "git push"',
    'bash -x -e -c "cd a && git push"',
    'sh -c "cd $d && git push"',
    'dash -c "git push"',
  ],
  ...[
    'bash -c \'git "$@"\' x push',
    "bash -c 'git $0' push",
    'bash -c \'"$@"\' x git push',
    'bash +x -o pipefail -c "git push"',
  ],
  ...[
    'bash --norc -c "git push"',
    'bash -c \'bash -c "git push"\'',
    "bash <<< 'git push'",
    'bash <<E\ngit push\nE',
    "bash <<'E'\ngit push\nE",
  ],
  ...[
    'echo git push | bash',
    "printf '%s %s' git push | sh",
    'echo "git push" | cat | bash -s',
    'echo git push | tee x | sh -',
  ],
  ...[
    'echo "git push" | bash /dev/stdin',
    'bash <(echo git push)',
    'source <(echo git push)',
    '. /dev/stdin <<< "git push"',
  ],
  ...[
    'echo git push > x; bash x',
    'echo git push > x; sh ./x',
    'cat > x.sh <<E\ngit push\nE\nchmod +x x.sh; ./x.sh',
    'echo git push | tee x; . ./x',
  ],
  ...[
    '{ bash; } <<< "git push"',
    '(echo git; echo push) | xargs env',
    'echo push | xargs git',
    'echo git push | xargs -I% sh -c %',
  ],
  ...[
    'echo git | xargs -I{} {} push',
    'echo x | xargs -n1 git push',
    'echo "git push" | xargs -0 sh -c',
    'bash -c "$(echo git push)"',
  ],
  ...[
    'python3 -c "import os; os.system(\'git push\')"',
    "python3 - <<E\nimport subprocess\nsubprocess.run(['git', 'push'])\nE",
  ],
  ...[
    'perl -e \'system("git push")\'',
    'node -e \'require("child_process").execSync("git push")\'',
    'awk \'BEGIN{system("git push")}\'',
  ],
  ...[
    'echo "os.system(\'git push\')" | python3',
    "sed '1e git push' x",
    "ruby -e '`git push`'",
    "vim -c '!git push'",
    'at now <<< "git push"',
  ],
  ...["echo 'git push' | at now", 'sqlite3 x ".shell git push"', 'echo ".shell git push" | sqlite3 x'],
];

const WRAPPED = [
  ...[
    'env git push',
    'env -i X=1 git push',
    "env -S 'git push'",
    "env -S'git push'",
    "env -iS 'git push'",
    "env --split-string='git push'",
  ],
  ...[
    "env -S 'git\\_push'",
    'env -u A -C / git push',
    'sudo git push',
    'sudo -u x git push',
    'sudo -u x -g y -- git push',
    'pkexec git push',
  ],
  ...[
    'doas git push',
    "su -c 'git push'",
    "su x -c 'git push'",
    'nice git push',
    'nice -n 5 git push',
    'timeout 5 git push',
  ],
  ...[
    'timeout -s KILL 5 git push',
    'nohup git push',
    'command git push',
    'command -p git push',
    'builtin command git push',
  ],
  ...[
    'setsid git push',
    'stdbuf -o0 git push',
    'busybox sh -c "git push"',
    'busybox env git push',
    'flock x git push',
    "flock x -c 'git push'",
  ],
  ...[
    'find . -exec git push {} +',
    "find . -exec sh -c 'git push' \\;",
    'find . -execdir env git push \\;',
    'find . -name git -exec {} push \\;',
  ],
  ...[
    'xargs git push',
    'xargs -a x -n 1 git push',
    'xargs sudo git push',
    'watch git push',
    "watch 'git push'",
    'strace -f git push',
  ],
  ...[
    'firejail git push',
    'proxychains4 -q git push',
    'unshare -r git push',
    'script -qc "git push" /dev/null',
    'parallel ::: "git push"',
  ],
  ...[
    'npx git push',
    'npm exec -- git push',
    'uv run git push',
    'docker run x git push',
    'ssh host git push',
    "ssh host 'git push'",
  ],
  ...[
    "make SHELL='git push'",
    'make CC="git push"',
    "tar --checkpoint-action=exec='git push' xf a",
    "tar -I 'git push' -xf a",
  ],
  ...[
    "rsync -e 'git push' a b",
    "hyperfine 'git push'",
    'PAGER="git push" man ls',
    'export GIT_SSH_COMMAND="git push"; git fetch',
    'perf stat git push',
  ],
  ...[
    'sudo busybox env nice timeout 5 bash -c "nohup git push"',
    `env ${'A=1 '.repeat(100)}git push`,
    `sudo ${'sudo '.repeat(300)}git push`,
  ],
];

describe('stays forbidden', () => {
  test.each([...GIT, ...SHELL, ...FED, ...WRAPPED])('%j', (command) => {
    expect(decision(command)).toBe('forbidden');
  });

  test('however long the script is', () => {
    expect(decision(`git push #${'a'.repeat(300_000)}`)).toBe('forbidden');
    expect(decision(`${'true;'.repeat(40_000)}git push`)).toBe('forbidden');
    expect(decision(`bash -c "${'true;'.repeat(40_000)}git push"`)).toBe('forbidden');
  });
});

test.each([
  ...[
    'curl x',
    'command curl x',
    'sudo -n curl x',
    'cat a | env curl -d @- x',
    'c=curl; $c x',
    'echo "curl x" | sh',
    'busybox curl x',
  ],
  ...[
    'xargs -n1 curl',
    'find . -exec curl {} \\;',
    'CURL x',
    '/opt/bin/curl x',
    "bash -c 'exec curl x'",
    'firejail curl x',
  ],
])('is asked about: %j', (command) => {
  expect(decision(command)).toBe('prompt');
});

test.each([
  ...[
    'git status',
    'git -C push status',
    'git log push',
    'git --no-pager log push',
    'git -c a=push log',
    'git stash push',
    'git lfs push',
  ],
  ...[
    'git commit -m "fix git push"',
    'git commit -F - <<E\nabout git push\nE',
    'echo git push',
    'grep -r "git push" .',
    "echo 'git push' > a.md",
  ],
  ...[
    'cat > a.md <<E\ngit push\nE',
    'rg "git push" | head',
    'mkdir git push',
    'gh pr create --body "needs git push"',
    'git add push',
  ],
  ...[
    'for f in *.ts; do echo "$f"; done; git status',
    'bash build.sh && git status',
    'npm run push',
    'npm install curl',
    'apt-get install curl',
  ],
  ...[
    'pip install curl',
    'which curl',
    'command -v curl',
    'make curl',
    'ls curl',
    'cd curl && npm test',
    'python3 -m pytest curl',
    './push.sh',
  ],
  ...[
    'X=$HOME; ls "$X"',
    'git commit -m "$MSG"',
    'git diff --name-only | xargs wc -l',
    'echo "$(git status)"',
    'sh build.sh push',
  ],
  ...[
    'node server.js',
    'python3 -c "print(1)"',
    'sudo apt-get update',
    'env',
    'time npm test',
    '[ -f curl ] && echo yes',
    'type git',
  ],
])('is not taken for it: %j', (command) => {
  expect(decision(command)).toBeUndefined();
});

test('a rule that names the program with its folder holds for its name too', () => {
  const rules = rulesOf('[[rule]]\nprefix = ["/usr/bin/git", "push"]\ndecision = "forbidden"\n');
  expect(['git push', '/usr/bin/git push', 'env git push'].map((each) => decision(each, rules))).toEqual([
    'forbidden',
    'forbidden',
    'forbidden',
  ]);
});

const quoted = (script: string): string => `'${script.replaceAll("'", "'\\''")}'`;
const wrapping = fc.constantFrom<(script: string) => string>(
  (script) => `bash -c ${quoted(script)}`,
  (script) => `sudo -u x sh -c ${quoted(script)}`,
  (script) => `eval ${quoted(script)}`,
  (script) => `( ${script} )`,
  (script) => `if true; then ${script}; fi`,
  (script) => `f() { ${script}; }; f`,
  (script) => `echo "$( ${script} )"`,
  (script) => `true && ${script}`,
  (script) => `${script} > log`,
  (script) => `bash <<< ${quoted(script)}`,
  (script) => `bash <<'E'\n${script}\nE\n`,
  (script) => `echo ${quoted(script)} | sh`,
  (script) => `cat <( ${script} )`,
  (script) => `env -S ${quoted(`sh -c ${quoted(script)}`)}`,
  (script) => `find . -exec sh -c ${quoted(script)} \\;`,
  (script) => `python3 -c ${quoted(`import os; os.system("""${script}""")`)}`,
);
const before = fc.constantFrom(
  ...[
    '',
    'env ',
    'env -i A=1 ',
    'sudo -n ',
    'nice -n 5 ',
    'timeout 5 ',
    'nohup ',
    'command ',
    'setsid ',
    'stdbuf -oL ',
    'X=1 ',
  ],
);
const spelled = fc.constantFrom('git', '\\git', '"git"', "g'i't", '/usr/bin/git', "$'git'");
const options = fc.array(
  fc.constantFrom('-C .', '-c a=b', '--no-pager', '--git-dir=.git', '--work-tree .', '-P'),
  {
    maxLength: 3,
  },
);

test('any wrapping of any spelling stays forbidden', () => {
  fc.assert(
    fc.property(
      before,
      spelled,
      options,
      fc.array(wrapping, { maxLength: 4 }),
      (start, git, given, wrappings) => {
        const command = `${start}${[git, ...given, 'push'].join(' ')}`;
        expect(decision(wrappings.reduce((script, wrap) => wrap(script), command))).toBe('forbidden');
      },
    ),
    { numRuns: 1000 },
  );
});

test('any text is read in bounded time, and a forbidden command before it is found', () => {
  const piece = scriptPieces('git', 'push', '-c alias.p=');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(decision(`git push\n${pieces.join('')}`)).toBe('forbidden');
    }),
    { numRuns: 500 },
  );
});

test.each([
  ...[
    'sudo ',
    'bash ',
    'bash -c ',
    'eval ',
    'xargs {} ',
    'git -c alias.a=',
    'find -exec ',
    '$(',
    '$(a) ',
    'a | ',
    'env -S "',
    'rm ',
  ],
  ...['1.', '[', '=', 'git-', 'sudo git ', "'"],
])('%j again and again takes no long time', (text) => {
  expect(cpuTime(() => classify(text.repeat(100_000 / text.length)))).toBeLessThan(4000);
});
