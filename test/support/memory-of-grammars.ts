/** Reads texts in several languages until V8 would compile their parsers a second time, and prints the most memory it had, in MB. */
import { readFileSync } from 'node:fs';
import { Syntax } from '../../src/repo-index/reading/syntax.ts';

const TEXTS = {
  bash: 'for name in a b; do\n  echo "$name of a list" | sort\ndone\n',
  powershell: 'function Get-Name($name) {\n  if ($name -eq 1) { Write-Host "a $name" }\n}\n',
  cpp: 'static int load(const char *name) {\n  return name == nullptr ? 0 : 1;\n}\n',
} as const;

// A compilation in the background keeps no process alive.
const alive = setInterval(() => undefined, 1_000);
const syntax = new Syntax();
for (const [grammar, text] of Object.entries(TEXTS))
  for (let round = 0; round < 20; round += 1)
    await syntax.read(text.repeat(150), grammar as keyof typeof TEXTS, () => undefined);
await new Promise((resolve) => setTimeout(resolve, 500));
clearInterval(alive);
const kilobytes = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
process.stdout.write(String(Math.round(Number(kilobytes) / 1024)));
