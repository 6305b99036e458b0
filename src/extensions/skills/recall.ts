/**
 * Which skill a message is about, by words alone.
 *
 * Invariants: pure; below the floor there is none, however few there are; the result depends on the texts alone, and only the first
 * words of a long message count. Tuned with `test/bench/skill-recall.ts`.
 */
import { ConceptTable } from '../../memory/use/concepts.ts';
import { ORDINARY, STOP_WORDS } from '../../memory/use/ordinary-words.ts';
import { stem } from '../../repo-index/store/stem.ts';
import { COMMON_WORDS, tokensOf, wordsIn } from '../../repo-index/store/tokens.ts';
import { SKILL_CONCEPTS } from './skill-words.ts';

export interface RecallableSkill {
  readonly name: string;
  readonly description: string;
  /** SKILL.md without its front matter. */
  readonly body: string;
}

/** From where on a message is about a skill. */
const FLOOR = 0.75;
const IN_NAME = 1.2;
const IN_DESCRIPTION = 0.8;
const IN_HEADINGS = 0.4;
/** Another word for it, perhaps in another language. */
const BY_CONCEPT = 0.8;
/** Said of any code, of much of it, and of any work. */
const OF_ORDINARY = 0.35;
const OF_COMMON = 0.6;
const OF_TASK = 0.1;
/** But it is what a skill of that name does. */
const OF_TASK_IN_NAME = 0.35;
/** Two words that stand beside each other in the message as in the skill say more than each of them. */
const BESIDE = 0.25;
/** Another word for what was said already. */
const AGAIN = 0.5;
/** A part of a path or of a name in code: what a message works on, not what it asks for. */
const OF_NAMES = 0.5;
const TASK_IN_NAME = (IN_NAME * OF_TASK_IN_NAME) / OF_TASK;
const MOST_WORDS = 60;
/** What is behind that is pasted. */
const MOST_CHARS = 2_000;
const MOST_HEADINGS = 30;

/** What is asked for in any message to an agent, and said in any description of a skill, as stems. */
const OF_ANY_TASK: ReadonlySet<string> = new Set(
  `analyse apply ask build bump check compute continue create draft explain extract fetch generate help implement install make manage
    move perform prepare produce publish request review rule see skill step task tool user want whenever workflow
    ändern ändere bau baue bring bringe erstell erstelle erstellen erkläre füge lege leg mache prüfe schreib schreibe schreiben zeige zeig`
    .split(/\s+/)
    .map(stem),
);

/** What many projects have, as stems: one such word alone says little. */
const COMMON: ReadonlySet<string> = new Set(
  `account action admin alert analysis api app area article asset async audio auth author backend balance bar batch billing board
    border branch browser bucket buffer cache calendar card cart category cell channel chart checkout chunk clock cloud comment commit
    company config console container contract cookie cost counter country coverage crash cron currency customer dashboard debug
    decimal demo dependency design desktop dialog discount display document domain download draft drag draw drop dropdown editor
    email engine entity environment export feature feed filter flag flow font footer frame frontend game gateway graph grid group
    guest header height history icon image import inventory invoice job join json label layout level lint lock log login mail
    margin market media member memory menu merge metric migration money month mouse network night note notification offer operator
    order owner package panel parser password patch payment performance permission phone photo pipeline pixel play player plugin
    policy pool popup port portal position post price product profile progress proxy purchase queue rate rating record refresh
    region release render repository reset retry review role round route scale schedule schema score search security sensor service
    session ship shop site slot sound speed stack staff stage stock storage story style subscription summary support symbol sync
    tab table tag target team template terminal theme thread ticket timeout timer token tooltip topic trace track traffic
    transaction translate tree trigger unit upload validation vector vendor video volume wallet weight widget worker zone`
    .split(/\s+/)
    .map(stem),
);

const concepts = new ConceptTable(SKILL_CONCEPTS);
const CHINESE = /^[\u3400-\u9fff]/;
/** Chinese has no blanks, not even around a word of another script. */
const BETWEEN_SCRIPTS =
  /(?<=[\u3400-\u9fff])(?=[\p{Script=Latin}\p{N}])|(?<=[\p{Script=Latin}\p{N}])(?=[\u3400-\u9fff])/gu;
const IN_CODE = /[\p{L}\p{N}_-]*(?:[./_]|\p{Ll}\p{Lu})[\p{L}\p{N}._/-]*/gu;

interface Term {
  readonly keys: readonly { readonly key: string; readonly worth: number }[];
  readonly strength: number;
}

interface Profile<T> {
  readonly skill: T;
  /** Tokens and concepts, and how much each says. */
  readonly weights: ReadonlyMap<string, number>;
}

export class SkillRecall<T extends RecallableSkill> {
  readonly #profiles: readonly Profile<T>[];

  constructor(skills: readonly T[]) {
    this.#profiles = skills.map((skill) => ({ skill, weights: weightsOf(skill) }));
  }

  /** The one that fits best; undefined: none fits. */
  about(message: string): T | undefined {
    const [best] = this.rated(message);
    return best !== undefined && best.score >= FLOOR ? best.skill : undefined;
  }

  /** Best first. */
  rated(message: string): { readonly skill: T; readonly score: number }[] {
    const terms = termsOf(message);
    const pairs = [...pairsOf(message)];
    return this.#profiles
      .map(({ skill, weights }) => ({ skill, score: this.#score(terms, pairs, weights) }))
      .sort((one, other) => other.score - one.score);
  }

  #score(terms: readonly Term[], pairs: readonly string[], weights: Profile<T>['weights']): number {
    const met = new Set<string>();
    let sum = pairs.reduce((total, pair) => total + (weights.get(pair) ?? 0), 0);
    for (const { keys, strength } of terms) {
      const [best] = keys
        .map(({ key, worth }) => ({ key, score: (weights.get(key) ?? 0) * worth * strength }))
        .sort((one, other) => other.score - one.score);
      if (best === undefined || best.score === 0) continue;
      sum += keys.some(({ key }) => met.has(key)) ? best.score * AGAIN : best.score;
      for (const { key } of keys) met.add(key);
    }
    return sum;
  }
}

function weightsOf({ name, description, body }: RecallableSkill): Map<string, number> {
  const weights = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    for (const { keys } of termsOf(text))
      for (const { key } of keys) weights.set(key, Math.max(weights.get(key) ?? 0, weight));
    for (const pair of pairsOf(text)) weights.set(pair, BESIDE);
  };
  add(name, IN_NAME);
  for (const token of tokensOf(name)) if (OF_ANY_TASK.has(token)) weights.set(token, TASK_IN_NAME);
  add(description, IN_DESCRIPTION);
  add(headingsOf(body).join('\n'), IN_HEADINGS);
  return weights;
}

/** Words with a meaning of their own that nothing stands between, as `token token`. */
function pairsOf(whole: string): ReadonlySet<string> {
  const words = wordsIn(whole.slice(0, MOST_CHARS)).slice(0, MOST_WORDS);
  const tokens = words.map((word) => (isNoWord(word) ? undefined : tokensOf(word).at(-1)));
  const pairs = new Set<string>();
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (token === undefined || before === undefined) continue;
    if (!OF_ANY_TASK.has(token) && !OF_ANY_TASK.has(before)) pairs.add(`${before} ${token}`);
  }
  return pairs;
}

function headingsOf(body: string): readonly string[] {
  return (body.match(/^#{1,4} .*$/gm) ?? []).slice(0, MOST_HEADINGS);
}

function termsOf(whole: string): Term[] {
  const text = whole.slice(0, MOST_CHARS);
  const inCode = new Set(
    [...text.matchAll(IN_CODE)].flatMap(([name]) => wordsIn(name.replace(/\.\w+$/, ''))),
  );
  const terms = new Map<string, Term>();
  for (const word of wordsIn(text.replace(BETWEEN_SCRIPTS, ' ')).slice(0, MOST_WORDS)) {
    if (isNoWord(word)) continue;
    for (const term of termsOfWord(word, inCode.has(word))) {
      const key = term.keys[0]?.key ?? '';
      if (!terms.has(key)) terms.set(key, term);
    }
  }
  return [...terms.values()];
}

function termsOfWord(word: string, isInCode: boolean): Term[] {
  const strength = isInCode ? OF_NAMES : 1;
  if (CHINESE.test(word)) {
    return concepts.of(word, '').map(({ name }) => ({ keys: [{ key: name, worth: 1 }], strength }));
  }
  const tokens = tokensOf(word);
  return tokens.map((token) => {
    const meant = concepts.of(tokens.length === 1 ? word : token, token);
    return {
      keys: [
        { key: token, worth: 1 },
        ...meant.map(({ name, isWeak }) => ({ key: name, worth: isWeak ? OF_ORDINARY : BY_CONCEPT })),
      ],
      strength: Math.min(strength, strengthOf(token)),
    };
  });
}

function strengthOf(token: string): number {
  if (OF_ANY_TASK.has(token)) return OF_TASK;
  if (ORDINARY.has(token)) return OF_ORDINARY;
  return COMMON.has(token) ? OF_COMMON : 1;
}

function isNoWord(word: string): boolean {
  const lower = word.toLowerCase();
  return COMMON_WORDS.has(lower) || STOP_WORDS.has(lower) || /^\d+$/.test(lower);
}
