/** The recall keeps its figures; `node test/bench/skill-recall.ts -v` shows what goes wrong. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SkillRecall } from '../../../src/extensions/skills/recall.ts';
import { HELD } from '../../bench/skills/held.ts';
import { LIBRARY } from '../../bench/skills/library.ts';
import { OFFICE } from '../../bench/skills/office.ts';
import type { SkillSet } from '../../bench/skills/skill-set.ts';
import { TRADES } from '../../bench/skills/trades.ts';
import { WEB_SHOP } from '../../bench/skills/web-shop.ts';

const recallOf = ({ skills }: SkillSet) => new SkillRecall(skills.map((skill) => ({ ...skill, body: '' })));

test('the right skill is recalled, and none where none fits', () => {
  const figures = [WEB_SHOP, OFFICE, TRADES, HELD, LIBRARY].map((set) => {
    const recall = recallOf(set);
    return [
      set.fits.filter(([message, skill]) => recall.about(message)?.name === skill).length >= 24,
      set.none.filter((message) => recall.about(message) === undefined).length >= 29,
    ];
  });
  expect(figures).toEqual(figures.map(() => [true, true]));
});

test('headings count, and the same skill is found in three languages', () => {
  const recall = new SkillRecall([
    { name: 'slides', description: 'PowerPoint presentations', body: '# Slides\n\n## Kiosk mode\n\ntext' },
    { name: 'other', description: 'Rotate the credentials', body: 'presentation, slides' },
  ]);
  const about = (message: string) => recall.about(message)?.name;
  expect([
    about('make a presentation'),
    about('Mach daraus eine Präsentation'),
    about('做一个演示文稿'),
    about('why is the list empty?'),
    about(''),
  ]).toEqual(['slides', 'slides', 'slides', undefined, undefined]);
});

test('what any task asks for counts where it is the name, and words beside each other count more', () => {
  const recall = new SkillRecall([
    { name: 'review-sketch', description: 'Look at a sketch.', body: '' },
    { name: 'tides', description: 'Tables of tides. Reads the tide gauge of the harbour.', body: '' },
    { name: 'kilns', description: 'Fire a kiln.', body: '## Cooling curve' },
  ]);
  const score = (message: string) => recall.rated(message)[0]?.score ?? 0;
  expect([
    recall.about('review it, the sketch')?.name,
    recall.about('review it')?.name,
    score('the cooling curve') > score('a curve, then cooling'),
  ]).toEqual(['review-sketch', undefined, true]);
});

test('any message is answered at once', () => {
  const recall = recallOf(WEB_SHOP);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (message) => {
      expect(recall.rated(message)).toHaveLength(12);
    }),
  );
  const start = performance.now();
  recall.about('a.b'.repeat(100_000));
  recall.about('ab '.repeat(100_000));
  recall.about('数据'.repeat(100_000));
  expect(performance.now() - start).toBeLessThan(3_000);
});
