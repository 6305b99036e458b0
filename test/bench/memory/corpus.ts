/** What a user's earlier sessions have taught, over two projects: the memories that the questions of `questions.ts` are about. */
import type { EntryKind } from '../../../src/memory/store/schema.ts';

export const SHOP = '/home/ana/shop';
export const FERRY = '/home/ana/ferry';

export interface Entry {
  /** By which a question names it. */
  readonly id: string;
  readonly project: string;
  readonly kind: EntryKind;
  readonly topic: string;
  readonly text: string;
}

export const entry = (id: string, project: string, kind: EntryKind, topic: string, text: string): Entry => ({
  id,
  project,
  kind,
  topic,
  text,
});

/** Lines of the handbook. */
export const ENTRIES: readonly Entry[] = [
  entry(
    'pnpm',
    SHOP,
    'preference',
    'Packages',
    'Install packages with pnpm, never npm: the lockfile is pnpm-lock.yaml.',
  ),
  entry(
    'pg-port',
    SHOP,
    'fact',
    'Database',
    'Postgres for development listens on 5433, because 5432 is taken by the system one.',
  ),
  entry(
    'migrations',
    SHOP,
    'procedure',
    'Database',
    'After changing the schema run `pnpm db:generate`, then `pnpm db:migrate`; never edit an applied migration.',
  ),
  entry(
    'seed',
    SHOP,
    'procedure',
    'Database',
    'Sample products come from scripts/seed.ts; it needs SHOP_SEED=1 or it refuses.',
  ),
  entry(
    'money',
    SHOP,
    'fact',
    'Prices',
    'Amounts are integers in cents everywhere; only the template formats them as euros.',
  ),
  entry(
    'vat',
    SHOP,
    'fact',
    'Prices',
    'VAT is rounded per line item, not on the total: the accountant insists on it.',
  ),
  entry(
    'e2e-flaky',
    SHOP,
    'failure',
    'Tests',
    'checkout.spec.ts fails at random when the mail container is not up: start `docker compose up mailpit` first.',
  ),
  entry(
    'e2e-run',
    SHOP,
    'procedure',
    'Tests',
    'End-to-end tests run with `pnpm e2e --project=chromium`; webkit is broken on this machine.',
  ),
  entry(
    'mock-stripe',
    SHOP,
    'fact',
    'Payments',
    'Stripe is replaced by test/fakes/stripe.ts in unit tests; the real sandbox key is only in CI.',
  ),
  entry(
    'webhook',
    SHOP,
    'failure',
    'Payments',
    'Webhook signatures fail if the body is parsed before the raw bytes are read: keep express.raw on /webhooks.',
  ),
  entry(
    'refund',
    SHOP,
    'fact',
    'Payments',
    'Refunds above 500 euros need a second approval in the admin, decided with Mira in March.',
  ),
  entry(
    'deploy',
    SHOP,
    'procedure',
    'Release',
    'Staging deploys on every push to develop; production only by the tag `release-YYYYMMDD`.',
  ),
  entry(
    'rollback',
    SHOP,
    'procedure',
    'Release',
    'To go back to the previous version run `fly releases rollback`; the database is not rolled back with it.',
  ),
  entry('freeze', SHOP, 'preference', 'Release', 'Nothing is released on Fridays.'),
  entry(
    'images',
    SHOP,
    'failure',
    'Frontend',
    'sharp crashes on Alpine images; the Dockerfile stays on debian-slim.',
  ),
  entry('css', SHOP, 'preference', 'Frontend', 'No Tailwind: styles are CSS modules next to the component.'),
  entry(
    'forms',
    SHOP,
    'fact',
    'Frontend',
    'Input is validated with valibot schemas in src/forms; zod was removed for its size.',
  ),
  entry(
    'i18n',
    SHOP,
    'procedure',
    'Frontend',
    'Texts go into locales/de.json first; `pnpm i18n:sync` copies missing keys to the other languages.',
  ),
  entry(
    'search',
    SHOP,
    'fact',
    'Search',
    'Product search is Meilisearch; its index is rebuilt at night by jobs/reindex.ts.',
  ),
  entry(
    'cache',
    SHOP,
    'failure',
    'Performance',
    'Caching the cart in Redis showed other people their basket; carts are never cached.',
  ),
  entry(
    'n-plus-one',
    SHOP,
    'fact',
    'Performance',
    'The order list was slow because of one query per customer; use the loader in src/db/loaders.ts.',
  ),
  entry(
    'logs',
    SHOP,
    'fact',
    'Operations',
    'Logs of production are in Grafana Loki, label app=shop-web; keep 14 days.',
  ),
  entry(
    'secrets',
    SHOP,
    'procedure',
    'Operations',
    'Passwords and keys are set with `fly secrets`, never in .env files that are committed.',
  ),
  entry(
    'orders-id',
    SHOP,
    'fact',
    'Orders',
    'Order numbers begin with the year and are made in the database by a sequence, not in the code.',
  ),
  entry('owner', SHOP, 'fact', 'People', 'Mira decides about the checkout; Jonas looks after the servers.'),
  entry(
    'rust-version',
    FERRY,
    'fact',
    'Toolchain',
    'The compiler is pinned to 1.79 in rust-toolchain.toml, because the ARM target breaks on newer ones.',
  ),
  entry(
    'clippy',
    FERRY,
    'preference',
    'Style',
    'Clippy runs with pedantic; allow() needs a comment that says why.',
  ),
  entry(
    'unwrap',
    FERRY,
    'preference',
    'Style',
    'unwrap is allowed in tests only; elsewhere use thiserror types.',
  ),
  entry(
    'gtfs',
    FERRY,
    'fact',
    'Timetables',
    'Timetables come as GTFS from the harbour office each Monday at 04:00; the feed has wrong calendars for holidays.',
  ),
  entry(
    'timezone',
    FERRY,
    'failure',
    'Timetables',
    'Departures after midnight belong to the day before: times can be 25:10, never normalise them.',
  ),
  entry(
    'flash',
    FERRY,
    'procedure',
    'Device',
    'Flash the display board with `just flash` while BOOT is held; the cable must be in the left socket.',
  ),
  entry(
    'serial',
    FERRY,
    'procedure',
    'Device',
    'Serial output: `just monitor`, 115200 baud, on /dev/ttyACM0.',
  ),
  entry(
    'memory-limit',
    FERRY,
    'fact',
    'Device',
    'The board has 264 KB of RAM: no allocation above 8 KB, fonts are streamed from flash.',
  ),
  entry(
    'mqtt',
    FERRY,
    'fact',
    'Messages',
    'Boards subscribe to harbour/+/board over MQTT with QoS 1; retained messages are off.',
  ),
  entry(
    'broker',
    FERRY,
    'failure',
    'Messages',
    'The broker drops clients with the same id: the id must contain the MAC address.',
  ),
  entry(
    'cross',
    FERRY,
    'procedure',
    'Build',
    'Cross-compile with `cargo zigbuild --target thumbv6m-none-eabi`; plain cargo links the wrong libc.',
  ),
  entry('ci-cache', FERRY, 'failure', 'Build', 'sccache made CI slower: it was switched off in May.'),
  entry(
    'simulator',
    FERRY,
    'procedure',
    'Tests',
    'Without hardware: `just sim` opens a window that draws what the board would show.',
  ),
  entry(
    'golden',
    FERRY,
    'procedure',
    'Tests',
    'Reference pictures are renewed with UPDATE_GOLDEN=1 just test, and looked at before the commit.',
  ),
  entry('license', FERRY, 'fact', 'Legal', 'The font is under OFL and must be named in the about page.'),
  entry(
    'password-board',
    FERRY,
    'fact',
    'Operations',
    'Boards get their wifi credentials from a QR code at first start, see provisioning.md.',
  ),
  entry(
    'contact',
    FERRY,
    'fact',
    'People',
    'The harbour office is reached through Frau Petersen, who wants a call, no mail.',
  ),
  entry(
    'commits',
    '',
    'preference',
    'Git',
    'Commit messages are in English, imperative, without a prefix like feat:.',
  ),
  entry('squash', '', 'preference', 'Git', 'Rebase, do not merge; one commit for each idea.'),
  entry('comments', '', 'preference', 'Style', 'Comments say why, not what; no banner comments.'),
  entry('language', '', 'preference', 'Answers', 'Answers in German, code and commits in English.'),
  entry('editor', '', 'fact', 'Machine', 'The laptop has 16 GB and no GPU: models above 8B are too slow.'),
];

export interface Session {
  readonly id: string;
  readonly folder: string;
  readonly slug: string;
  readonly summary: string;
}

/** What was taken from single sessions. */
export const SESSIONS: readonly Session[] = [
  {
    id: 's-coupons',
    folder: SHOP,
    slug: 'coupon-stacking',
    summary:
      'Coupons could be combined without limit.\n- Decided: at most two vouchers per order, the larger one first.\n- The rule is in src/pricing/coupons.ts, covered by property tests.',
  },
  {
    id: 's-upload',
    folder: SHOP,
    slug: 'large-uploads-time-out',
    summary:
      'Uploads of catalogue files above 50 MB timed out.\n- Cause: the proxy closed the connection after 60 seconds.\n- Solved by sending the file to object storage directly with a signed address.',
  },
  {
    id: 's-login',
    folder: SHOP,
    slug: 'session-cookie-lost',
    summary:
      'People were logged out after each release.\n- The cookie secret was generated at start; now it comes from SESSION_SECRET.\n- SameSite stays Lax because of the payment redirect.',
  },
  {
    id: 's-newsletter',
    folder: SHOP,
    slug: 'newsletter-double-opt-in',
    summary:
      'Newsletter subscription asks for confirmation by mail.\n- Tokens are valid for 48 hours.\n- Provider is Brevo; the list number is 7.',
  },
  {
    id: 's-pdf',
    folder: SHOP,
    slug: 'invoice-pdf',
    summary:
      'Invoices as PDF.\n- Tried puppeteer: too heavy for the small machine.\n- Chosen: typst templates in invoices/, called through a worker.',
  },
  {
    id: 's-stock',
    folder: SHOP,
    slug: 'overselling',
    summary:
      'The last piece was sold twice.\n- Stock is reserved for 15 minutes when it enters the basket.\n- Row locks with SKIP LOCKED; the advisory lock that was tried first deadlocked.',
  },
  {
    id: 's-brightness',
    folder: FERRY,
    slug: 'display-too-dark',
    summary:
      'The board could not be read in the sun.\n- Brightness follows the light sensor, with a curve in src/light.rs.\n- At night it is limited to 20 percent, as neighbours complained.',
  },
  {
    id: 's-watchdog',
    folder: FERRY,
    slug: 'board-hangs-in-winter',
    summary:
      'Boards froze below minus five degrees.\n- The watchdog was never fed by the network task.\n- Now each task reports to a supervisor every 2 seconds.',
  },
  {
    id: 's-scroll',
    folder: FERRY,
    slug: 'scrolling-text',
    summary:
      'Long destination names were cut.\n- Text moves after 3 seconds of rest, 2 pixels per frame.\n- Names are never abbreviated: the harbour office wants them whole.',
  },
  {
    id: 's-ota',
    folder: FERRY,
    slug: 'update-over-the-air',
    summary:
      'Firmware updates over the network.\n- Two slots, switched only after a signed image was verified.\n- Failed three times on boards with old bootloaders: those need a visit.',
  },
];

export interface Note {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** The user's own. */
export const NOTES: readonly Note[] = [
  {
    id: 'n-backup',
    name: 'backup.md',
    text: 'Backups of the shop run at 03:30 to the Hetzner storage box; restoring was last tried in June and took 40 minutes.',
  },
  {
    id: 'n-demo',
    name: 'demo.md',
    text: 'For demonstrations use the account demo@example.org, it is reset every hour.',
  },
  {
    id: 'n-vpn',
    name: 'vpn.md',
    text: 'The harbour network is reached through WireGuard, profile pier2; it is down on Sundays.',
  },
];
