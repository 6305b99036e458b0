/** Files as people have them are never taken for a model that repeats itself. OAGENT_RUNAWAY_FILES=12000 reads nearly all there are. */
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { RunawayDetector } from '../../src/model/runaway.ts';
import { sha256 } from '../../src/text/uuid.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const COUNT = Number(process.env.OAGENT_RUNAWAY_FILES ?? 400);
const EVERYTHING =
  '{ts,tsx,js,mjs,cjs,mts,cts,json,jsonl,md,css,scss,map,snap,svg,h,cpp,py,txt,yml,toml,bnf,flow}';

/** Those that repeat most, and then the others in an order that mixes them. */
function files(): string[] {
  const most = globSync(
    ['package-lock.json', 'node_modules/{@xterm,typescript,ink}/**/*.map', '**/NOTICE*'],
    {
      cwd: ROOT,
    },
  );
  const all = globSync([`**/*.${EVERYTHING}`, '**/{LICENSE,license,CHANGELOG,README}*'], { cwd: ROOT });
  const mixed = all.map((file) => [sha256(file), file] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return [...new Set([...most.slice(0, COUNT / 4), ...mixed.map(([, file]) => file)])]
    .filter((file) => statSync(path.join(ROOT, file)).isFile())
    .slice(0, COUNT);
}

test(`${COUNT} files, each given as an answer`, { timeout: 300_000 }, () => {
  const texts = files().flatMap((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    return text.includes('\0') ? [] : [{ file, text }];
  });
  expect(texts.length).toBeGreaterThan(COUNT * 0.9);
  const stopped = texts.flatMap(({ file, text }) => {
    const keep = new RunawayDetector().add(`This is ${file}:\n\`\`\`\n${text}\`\`\`\n`);
    return keep === undefined ? [] : [{ file, text: text.slice(Math.max(0, keep - 100), keep + 100) }];
  });
  expect(stopped).toEqual([]);
});
