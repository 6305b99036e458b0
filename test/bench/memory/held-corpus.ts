/** Two projects that the recall was not made with. */
import { type Entry, entry, type Note, type Session } from './corpus.ts';

export const RECIPES = '/home/eva/recipes';
export const DEPOT = '/home/eva/depot';

export const HELD_ENTRIES: readonly Entry[] = [
  entry(
    'gradle',
    RECIPES,
    'procedure',
    'Build',
    'Build with `./gradlew assembleDebug -PskipDetekt`; the full build takes 12 minutes.',
  ),
  entry(
    'min-sdk',
    RECIPES,
    'fact',
    'Android',
    'minSdk stays at 26: a fifth of the users have old tablets in the kitchen.',
  ),
  entry(
    'compose',
    RECIPES,
    'preference',
    'UI',
    'New screens are written in Compose; XML layouts are only maintained.',
  ),
  entry(
    'units',
    RECIPES,
    'fact',
    'Ingredients',
    'Quantities are stored in grams and millilitres; cups and spoons are converted when shown.',
  ),
  entry(
    'offline',
    RECIPES,
    'fact',
    'Sync',
    'The app works offline first: Room is the truth, changes are uploaded when there is a connection.',
  ),
  entry(
    'conflict',
    RECIPES,
    'fact',
    'Sync',
    'If two devices edit the same recipe, the later edit wins and the other one is kept as a copy.',
  ),
  entry(
    'emulator',
    RECIPES,
    'failure',
    'Tests',
    'The emulator image API 34 hangs at boot on this laptop; use API 33.',
  ),
  entry(
    'screenshots',
    RECIPES,
    'procedure',
    'Tests',
    'Screenshot tests: `./gradlew recordPaparazziDebug` writes new references.',
  ),
  entry(
    'keystore',
    RECIPES,
    'procedure',
    'Release',
    'The signing key is in the team vault under "recipes upload"; never generate another one.',
  ),
  entry(
    'rollout',
    RECIPES,
    'preference',
    'Release',
    'Releases start with 5 percent of users and are raised after two days without crashes.',
  ),
  entry(
    'crashlytics',
    RECIPES,
    'fact',
    'Operations',
    'Crashes are reported to Sentry, Crashlytics was removed.',
  ),
  entry(
    'timer',
    RECIPES,
    'failure',
    'Cooking mode',
    'Timers stopped when the screen was off until they moved into a foreground service.',
  ),
  entry(
    'fonts-size',
    RECIPES,
    'preference',
    'UI',
    'Text is never smaller than 16 sp: people read it from the stove.',
  ),
  entry(
    'import-web',
    RECIPES,
    'fact',
    'Import',
    'Recipes of web pages are read from JSON-LD; pages without it go through a readability parser.',
  ),
  entry(
    'de-rezepte',
    RECIPES,
    'preference',
    'Texte',
    'Die Oberfläche duzt die Nutzer, auch in Fehlermeldungen.',
  ),
  entry(
    'de-nährwerte',
    RECIPES,
    'fact',
    'Nährwerte',
    'Die Nährwerte kommen aus dem Bundeslebensmittelschlüssel, Version 3.02.',
  ),
  entry(
    'dbt',
    DEPOT,
    'procedure',
    'Models',
    'Run single models with `dbt build -s name+`; the whole project runs only at night.',
  ),
  entry(
    'warehouse',
    DEPOT,
    'fact',
    'Warehouse',
    'The data warehouse is Snowflake, size XS; larger sizes need the approval of finance.',
  ),
  entry('grain', DEPOT, 'fact', 'Models', 'fct_shipments has one row per parcel, not per shipment.'),
  entry(
    'late',
    DEPOT,
    'failure',
    'Sources',
    'Scanner events arrive up to 3 days late, so the last 4 days are always recomputed.',
  ),
  entry(
    'duplicates',
    DEPOT,
    'failure',
    'Sources',
    'The carrier sends events twice; deduplicate by event_uid, not by timestamp.',
  ),
  entry(
    'airflow',
    DEPOT,
    'procedure',
    'Scheduling',
    'DAGs are tested with `airflow dags test NAME 2026-01-01` before they are merged.',
  ),
  entry(
    'owner-depot',
    DEPOT,
    'fact',
    'People',
    'Definitions of revenue belong to Claire in controlling; ask her before changing one.',
  ),
  entry(
    'pii',
    DEPOT,
    'preference',
    'Privacy',
    'Names and addresses of recipients stay in the schema raw_pii and are never joined into marts.',
  ),
  entry(
    'snapshot',
    DEPOT,
    'procedure',
    'Models',
    'Prices of carriers are kept with dbt snapshots, check strategy on all columns.',
  ),
  entry(
    'naming',
    DEPOT,
    'preference',
    'Style',
    'Models begin with stg_, int_, fct_ or dim_; columns are snake_case and in English.',
  ),
  entry(
    'cost',
    DEPOT,
    'failure',
    'Warehouse',
    'A dashboard that refreshed each minute cost 900 dollars in May; refresh is hourly now.',
  ),
  entry(
    'freshness',
    DEPOT,
    'fact',
    'Sources',
    'An alert is raised to the channel data-duty if orders are older than 6 hours.',
  ),
  entry(
    'python-udf',
    DEPOT,
    'failure',
    'Performance',
    'Python UDFs made the routing model ten times slower; it is plain SQL again.',
  ),
  entry('zh-时区', DEPOT, 'fact', '时间', '所有时间戳都以 UTC 保存，只有报表才转换为柏林时间。'),
  entry('zh-备份', DEPOT, 'procedure', '备份', '备份每天凌晨两点运行，保留三十天。'),
  entry(
    'backfill',
    DEPOT,
    'procedure',
    'Scheduling',
    'Backfills run on the weekend with max_active_runs=1, otherwise the queue of the office is blocked.',
  ),
  entry('review', '', 'preference', 'Git', 'Pull requests stay below 400 changed lines.'),
  entry('emoji', '', 'preference', 'Answers', 'No emoji.'),
];

export const HELD_SESSIONS: readonly Session[] = [
  {
    id: 't-scan',
    folder: RECIPES,
    slug: 'scan-handwritten-recipes',
    summary:
      'Handwritten cards are read with the camera.\n- ML Kit was not good enough for handwriting.\n- The picture is sent to our own server, which uses TrOCR.',
  },
  {
    id: 't-battery',
    folder: RECIPES,
    slug: 'battery-drain',
    summary:
      'Users complained about the battery.\n- A wake lock was held after cooking mode was left.\n- It is released in onStop now, covered by an instrumented test.',
  },
  {
    id: 't-shopping',
    folder: RECIPES,
    slug: 'shopping-list-order',
    summary:
      'The shopping list is sorted by aisle.\n- The order of aisles is learnt from how people tick things off.\n- Alphabetical order was tried and disliked.',
  },
  {
    id: 't-holiday',
    folder: DEPOT,
    slug: 'delivery-time-wrong-at-holidays',
    summary:
      'Delivery times were too long around holidays.\n- Working days come from dim_calendar, which has regional holidays now.\n- Saturdays count for express parcels only.',
  },
  {
    id: 't-memory',
    folder: DEPOT,
    slug: 'loader-killed',
    summary:
      'The loader was killed on large files.\n- pandas read the whole file; polars streams it.\n- Peak went from 14 GB to 900 MB.',
  },
  {
    id: 't-access',
    folder: DEPOT,
    slug: 'analyst-access',
    summary:
      'Analysts could not see the new tables.\n- Grants are given by a macro after each run.\n- The role is REPORTER, not ANALYST.',
  },
];

export const HELD_NOTES: readonly Note[] = [
  {
    id: 't-n-tablet',
    name: 'tablet.md',
    text: 'The test tablet is in the drawer of the meeting room, PIN 4711.',
  },
  {
    id: 't-n-sftp',
    name: 'carrier.md',
    text: 'The SFTP server of the carrier accepts connections only from the office address; password with Claire.',
  },
];
