/** Whether a message asks about an earlier session, in the languages of most users. */

/** Words that say when, each also in a form that another word can follow. */
const PAST = new RegExp(
  [
    String.raw`\b(?:last (?:time|week|month|year|session)|yesterday|earlier|previously|the other day|back then|again|before|already|once more|remember|recall|remind me|(?:did|have|had|were|was) (?:we|i|you|it)|(?:we|i) (?:decided|agreed|chose|used|had|solved|fixed|said)|used to)\b`,
    String.raw`(?<![\p{L}])(?:letzte[ns]?|letztes mal|gestern|vorgestern|neulich|damals|früher|vorhin|schon mal|schon einmal|nochmals?|noch mal|wieder|erinner\p{L}*|weißt du noch|(?:haben|hatten|habe|hatte|waren|war) (?:wir|ich|du|das|es))(?![\p{L}])`,
    '上次|昨天|之前|以前|曾经|当时|还记得|记得|上周|上个月|又一次|我们(?:是)?怎么',
    String.raw`(?<![\p{L}])(?:la dernière fois|hier|avant|déjà|encore|rappelle\p{L}*|la última vez|ayer|antes|otra vez|recuerda\p{L}*|l'ultima volta|ieri|ancora)(?![\p{L}])`,
    '前回|昨日|この前|以前|지난번|어제|прошлый раз|вчера|раньше',
  ].join('|'),
  'giu',
);

export function asksAboutPast(message: string): boolean {
  return message.search(PAST) >= 0;
}

/** Whose habits are asked for: the team's, the project's. */
const OURS =
  /\b(?:we|us|our|ours|usually|normally|always|here)\b|(?<![\p{L}])(?:wir|uns|unser\p{L}*|üblich\p{L}*|normalerweise|sonst|immer)(?![\p{L}])|我们|咱们|通常|一般|\b(?:nous|notre|nuestr[oa]|nosotros)\b/iu;

export function asksAboutOurs(message: string): boolean {
  return OURS.test(message);
}

/** What is asked, without the words that say when: they are no subject. */
export function withoutPast(message: string): string {
  return message.replace(PAST, ' ');
}
