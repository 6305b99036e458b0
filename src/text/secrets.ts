/**
 * What a secret is, by the name of a variable or by its value, and how one is kept out of a text. Everything that has to know asks here.
 *
 * Names are matched by patterns, `*` and `?`, case-insensitive. Exempt are the few that build tools need and that are known not to hold
 * secrets.
 */
import { namePatterns } from './name-patterns.ts';

const SECRET_NAMES = namePatterns([
  ...['*KEY*', '*SECRET*', '*TOKEN*', '*PASSWORD*', '*PASSWD*', '*PASSPHRASE*', '*PASS', '*_PWD'],
  ...['*AUTH*', '*CREDENTIAL*', '*PRIVATE*', '*CERT*', '*COOKIE*', '*_PAT', 'PAT'],
  ...['*WEBHOOK*', '*_DSN', 'DSN', '*CONN*STR*', '*_SAS'],
  // Sockets on which the user's own agents sign and unlock.
  ...['SSH_AUTH_SOCK', 'GPG_AGENT_INFO', 'DBUS_SESSION_BUS_ADDRESS'],
]);

/** Names that match a pattern above but hold no secret. */
const PLAIN_NAMES = namePatterns([
  ...['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_AUTHOR_DATE'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
]);

/** No command works without these, and neither holds a secret: kept whatever their values look like. */
const NEEDED: ReadonlySet<string> = new Set(['PATH', 'HOME']);

/** No two repetitions in an alternative can match the same characters, or they are bounded: the time is linear. */
const SECRET_VALUE = new RegExp(
  [
    '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY',
    // GitHub, GitLab, npm, Hugging Face, Slack, Stripe, OpenAI and Anthropic, Google, AWS; then Docker, DigitalOcean, Vault, PyPI, …
    'gh[pousr]_[A-Za-z0-9]{16}',
    'github_pat_\\w{16}',
    'glpat-[\\w-]{16}',
    'npm_[A-Za-z0-9]{30}',
    'hf_[A-Za-z0-9]{30}',
    'xox[abeoprs]-[\\w-]{10}',
    '[rs]k_(?:live|test)_\\w{16}',
    '(?<![A-Za-z0-9])sk-[\\w-]{20}',
    'AIza[\\w-]{35}',
    '(?:AKIA|ASIA)[A-Z0-9]{16}',
    'dckr_pat_[\\w-]{16}',
    'do[opr]_v1_[a-f0-9]{32}',
    'hv[sbr]\\.[\\w-]{16}',
    'pypi-AgE[\\w-]{16}',
    'SG\\.[\\w-]{16}',
    'ATATT3[\\w-]{16}',
    'GOCSPX-[\\w-]{16}',
    'ya29\\.[\\w-]{16}',
    'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{16}',
    'gl(?:dt|rt|cbt|ptt|ft|soat)-[\\w-]{16}',
    '(?:sntrys|sbp|lin_api|figd|tskey|pscale_tkn|rubygems|secret|ntn)[_-][\\w-]{24}',
    'xapp-[\\w-]{16}',
    'AGE-SECRET-KEY-1',
    '\\b\\d{8,10}:[\\w-]{35}\\b',
    // Whoever knows the address of a webhook may use it.
    'hooks\\.slack(?:-gov)?\\.com/(?:services|workflows|triggers)/',
    'discord(?:app)?\\.com/api/(?:v\\d+/)?webhooks/',
    '\\.webhook\\.office\\.com/',
    'outlook\\.office(?:365)?\\.com/webhook',
    '\\.logic\\.azure\\.com[/:]',
    'hooks\\.zapier\\.com/hooks/',
    'chat\\.googleapis\\.com/v1/spaces/',
    'api\\.telegram\\.org/bot',
    // Connection strings, and addresses with a key behind the question mark.
    '(?:^|[;\\s?&"\'])(?:AccountKey|SharedAccessKey|SharedAccessSignature|SharedSecret|Password|Pwd|passwd|password|sslpassword)\\s{0,4}=\\s{0,4}[^;\\s]',
    '[?&](?:sig|token|api_?key|access_token|key|secret|password)=[\\w%+/.~-]{8}',
    // A JSON web token, recognised by its second part, which begins like a JSON object in base64.
    '[\\w-]{5}\\.eyJ[\\w-]{5}',
    '\\b[Bb](?:earer|asic) [\\w.~+/=-]{16}',
    // As curl and wget get them.
    '(?<=\\s(?:-u|--user|--proxy-user)[ =]["\']?)[^\\s:"\']{1,60}:[^\\s"\']',
    // An address with a password; in http also one with only a user, which is how tokens are passed.
    '://[^\\s/@:]*:[^\\s/@]+@',
    '\\b[Hh][Tt][Tt][Pp][Ss]?://[^\\s/@]+@',
  ].join('|'),
);

/** True if the variable looks as if it held a secret, or gave access to one. */
export function looksSecret(name: string, value: string): boolean {
  if (NEEDED.has(name)) return false;
  if (SECRET_NAMES.test(name) && !PLAIN_NAMES.test(name)) return true;
  // A proxy may be written without its scheme.
  return SECRET_VALUE.test(value) || (/_proxy$/i.test(name) && value.includes('@'));
}

export const MASK = '********';

/** Shorter texts would be found everywhere by chance. */
const MIN_SECRET = 4;

/** The text with these secrets masked. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter(({ length }) => length >= MIN_SECRET)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}

/** Ends what a secret is part of. */
const BORDER = /[\s"'`<>(),;|\\]/;
const KEY_BLOCK =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[- ]*|$)/g;
/** `NAME=value`, `"name": "value"`. */
const ASSIGNED =
  /(?<![\w.-])([A-Za-z_][\w.-]{0,60})(["']?\s{0,4}[=:]\s{0,4})("[^"\n]{1,400}"|'[^'\n]{1,400}'|[^\s"'`,;]{4,})/g;
/** As people say it. */
const SPOKEN =
  /(passwords?|passphrase|passwd|passwort|kennwort|secret|api[ _-]?key|token|contraseña|mot de passe|密码|密碼|口令|パスワード)((?:\s{1,4}(?:is|ist|lautet|est|es)\s{1,4}|\s{0,4}[:=：]\s{0,4}|\s{0,4}[是为は]\s{0,4})["'`]?)([^\s"'`,;]{4,})/giu;
/** The same, with what it is for between the two; or a long one right behind its name. */
const SPOKEN_OF =
  /((?:passwords?|passphrase|passwd|passwort|kennwort|secret|api[ _-]?key|token|pin|contraseña|mot de passe)\s{1,4}(?:for|of|to|on|für|von|vom|zu|zum|zur|der|des|de|para|pour)\s{1,4}[^\n.;:=]{1,60}?(?:\s{1,4}(?:is|ist|lautet|est|es)\s{1,4}|\s{0,4}[:=：]\s{0,4})["'`]?|(?:secret|access|private|api)[ _-]keys?\s{1,4}["'`]?(?=[^\s"'`,;]{16}))([^\s"'`,;]{4,})/giu;
/** What nobody writes as a word. */
const RANDOM = /\d|[!@#$%^&*+/=_-]|[a-z][A-Z]/;

/** The text with all that looks like a secret masked, whatever it is for. */
export function maskSecrets(text: string): string {
  const isNamed = (name: string): boolean => SECRET_NAMES.test(name) && !PLAIN_NAMES.test(name);
  const rest = text
    .replace(KEY_BLOCK, MASK)
    .replace(ASSIGNED, (all, name: string, between: string, value: string) => {
      const quote = /^["']/.exec(value)?.[0] ?? '';
      const isSecret = isNamed(name) && (between.includes('=') || RANDOM.test(value));
      return isSecret ? `${name}${between}${quote}${MASK}${quote}` : all;
    })
    .replace(SPOKEN, (all, name: string, between: string, value: string) =>
      RANDOM.test(value) ? `${name}${between}${MASK}` : all,
    )
    .replace(SPOKEN_OF, (all, before: string, value: string) =>
      /\d/.test(value) && /\p{L}/u.test(value) ? `${before}${MASK}` : all,
    );
  return maskFound(rest, new RegExp(SECRET_VALUE.source, 'g'));
}

/** A pattern finds the beginning of a secret: all of the word that it is in goes. */
function maskFound(text: string, pattern: RegExp): string {
  let masked = '';
  let from = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    let start = match.index;
    while (start > from && !BORDER.test(text[start - 1] ?? '')) start -= 1;
    let end = pattern.lastIndex;
    while (end < text.length && !BORDER.test(text[end] ?? '')) end += 1;
    masked += `${text.slice(from, start)}${MASK}`;
    from = end;
    pattern.lastIndex = end;
  }
  return masked + text.slice(from);
}
