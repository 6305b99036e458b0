/**
 * Is the right skill recalled, and none where none fits? `node test/bench/skill-recall.ts [-v]`
 *
 * The first three sets are what the recall was tuned with; those `held back` were written afterwards, and only measured.
 */
import { SkillRecall } from '../../src/extensions/skills/recall.ts';
import { HELD } from './skills/held.ts';
import { LIBRARY } from './skills/library.ts';
import { OFFICE } from './skills/office.ts';
import type { SkillSet } from './skills/skill-set.ts';
import { TRADES } from './skills/trades.ts';
import { WEB_SHOP } from './skills/web-shop.ts';

const isVerbose = process.argv.includes('-v');

function report({ name, skills, fits, none }: SkillSet): void {
  const recall = new SkillRecall(
    skills.map(({ headings, ...skill }) => ({
      ...skill,
      body: headings.map((heading) => `## ${heading}`).join('\n'),
    })),
  );
  const wrong: string[] = [];
  const judge = (message: string, wanted: string | undefined): boolean => {
    const found = recall.about(message)?.name;
    if (found === wanted) return true;
    const rated = recall.rated(message).slice(0, 2);
    const scores = rated.map(({ skill, score }) => `${skill.name} ${score.toFixed(2)}`).join(', ');
    wrong.push(`  ${message}\n    wanted ${wanted ?? 'none'}, got ${found ?? 'none'} (${scores})`);
    return false;
  };
  const right = fits.filter(([message, skill]) => judge(message, skill)).length;
  const silent = none.filter((message) => judge(message, undefined)).length;
  process.stdout.write(
    `${name}: the right one for ${right} of ${fits.length}, none for ${silent} of ${none.length} that no skill fits\n`,
  );
  if (isVerbose) process.stdout.write(`${wrong.join('\n')}\n`);
}

for (const set of [WEB_SHOP, OFFICE, TRADES, HELD, LIBRARY]) report(set);
