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
