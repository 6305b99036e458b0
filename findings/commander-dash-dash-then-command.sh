#!/usr/bin/env bash
# commander 15.0.0: a command that takes an argument and has subcommands.
# `--` ends the options, as usual, but the first word behind it is still taken for a subcommand if it has the name of one: there is
# no way to give that word as the argument.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund commander@15.0.0

cat > look.mjs <<'JS'
import { Command } from 'commander';

function ran(...args) {
  let what = '';
  const program = new Command('program').exitOverride();
  const exec = program.command('exec').argument('[prompt]').action((prompt) => (what = `exec with ${prompt}`));
  exec.command('resume').argument('[id]').action((id) => (what = `resume with ${id}`));
  program.parse(args, { from: 'user' });
  return `${args.join(' ')}: ${what}`;
}
console.log(ran('exec', 'hello'));
console.log(ran('exec', '--', '--hello'));
console.log(ran('exec', '--', 'resume'));
JS
node look.mjs | tee seen
diff seen - <<'TEXT' && echo 'as found'
exec hello: exec with hello
exec -- --hello: exec with --hello
exec -- resume: resume with undefined
TEXT
