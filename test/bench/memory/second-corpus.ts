/** Two more projects. */
import { type Entry, entry, type Note, type Session } from './corpus.ts';

export const CLINIC = '/home/tom/clinic';
export const ATLAS = '/home/tom/atlas';

export const SECOND_ENTRIES: readonly Entry[] = [
  entry(
    'uv',
    CLINIC,
    'preference',
    'Python',
    'Dependencies are managed with uv; there is no requirements.txt, do not create one.',
  ),
  entry(
    'python-version',
    CLINIC,
    'fact',
    'Python',
    'Python 3.11 is required because the hospital server has nothing newer.',
  ),
  entry(
    'appointments-overlap',
    CLINIC,
    'fact',
    'Appointments',
    'Two appointments may overlap by at most 10 minutes for the same doctor.',
  ),
  entry(
    'reminders',
    CLINIC,
    'procedure',
    'Appointments',
    'SMS reminders go out 24 hours before through Twilio; in development they are printed to the terminal.',
  ),
  entry(
    'patients-test',
    CLINIC,
    'procedure',
    'Testing',
    'Never use real patients in tests: factories/patient.py makes invented ones.',
  ),
  entry(
    'celery',
    CLINIC,
    'failure',
    'Background jobs',
    'Celery lost tasks on restart until acks_late was set.',
  ),
  entry(
    'admin-user',
    CLINIC,
    'procedure',
    'Setup',
    'Create the first administrator with `manage.py bootstrap --admin`, not with createsuperuser.',
  ),
  entry(
    'hl7',
    CLINIC,
    'fact',
    'Interfaces',
    'The laboratory sends results as HL7 2.3 over a socket at 2575, encoded in Latin-1.',
  ),
  entry(
    'pdf-letters',
    CLINIC,
    'failure',
    'Letters',
    'WeasyPrint 60 renders letters with wrong margins; stay on 59.',
  ),
  entry(
    'gdpr',
    CLINIC,
    'fact',
    'Privacy',
    'Patient records are deleted 10 years after the last visit, by a monthly command.',
  ),
  entry(
    'audit',
    CLINIC,
    'preference',
    'Privacy',
    'Every access to a record must be written to the audit table.',
  ),
  entry('ruff', CLINIC, 'preference', 'Style', 'Ruff with line length 100; no black.'),
  entry(
    'migrations-squash',
    CLINIC,
    'procedure',
    'Database',
    'Squash Django migrations only before a major release, after asking Lena.',
  ),
  entry(
    'timezones',
    CLINIC,
    'failure',
    'Appointments',
    'Naive datetimes moved appointments by an hour in October; use timezone.now() always.',
  ),
  entry(
    'staging-data',
    CLINIC,
    'fact',
    'Servers',
    'The staging server is reset from an anonymised dump each Sunday.',
  ),
  entry(
    'lang',
    CLINIC,
    'preference',
    'Texts',
    'Texts for patients address them formally (Sie), those for staff informally (du).',
  ),
  entry(
    'tiles',
    ATLAS,
    'fact',
    'Tiles',
    'Vector tiles are made up to zoom 14; beyond that the client scales them.',
  ),
  entry(
    'mbtiles',
    ATLAS,
    'fact',
    'Tiles',
    'Tiles are kept in PMTiles, MBTiles was dropped because of SQLite locks.',
  ),
  entry(
    'osm-import',
    ATLAS,
    'procedure',
    'Import',
    'Importing the planet takes 9 hours and 64 GB; for trying things out use the Bremen extract with `make import AREA=bremen`.',
  ),
  entry(
    'go-vendor',
    ATLAS,
    'preference',
    'Go',
    'Modules are vendored; run `go mod vendor` after each change of go.mod.',
  ),
  entry(
    'pprof',
    ATLAS,
    'procedure',
    'Performance',
    'Profiles: start with -debug and open localhost:6060/debug/pprof.',
  ),
  entry('gc', ATLAS, 'fact', 'Performance', 'GOGC=200 halved the response time at the 99th percentile.'),
  entry(
    'labels',
    ATLAS,
    'failure',
    'Rendering',
    'Labels disappear at tile borders when the buffer is below 64 pixels.',
  ),
  entry(
    'coast',
    ATLAS,
    'failure',
    'Import',
    'Coastlines break if the water polygons are older than the extract.',
  ),
  entry(
    'license-odbl',
    ATLAS,
    'fact',
    'Legal',
    'The map must show the attribution to OpenStreetMap in the lower right corner.',
  ),
  entry(
    'api-keys',
    ATLAS,
    'procedure',
    'Access',
    'New keys for customers are issued with `atlasctl key new NAME --quota 50000`.',
  ),
  entry('rate', ATLAS, 'fact', 'Access', 'Anonymous visitors get 20 tiles a second, then 429.'),
  entry(
    'cdn',
    ATLAS,
    'failure',
    'Delivery',
    'Bunny ignored Vary: Accept-Encoding, so compressed tiles reached clients that cannot read them; gzip is done by the CDN now.',
  ),
  entry(
    'fonts',
    ATLAS,
    'fact',
    'Rendering',
    'Glyphs come from Noto; Chinese needs the CJK pack, which is not in the repository.',
  ),
  entry(
    'color',
    ATLAS,
    'preference',
    'Rendering',
    'Colours follow the palette of the Bremen city office, no pure black.',
  ),
  entry(
    'bench-go',
    ATLAS,
    'procedure',
    'Testing',
    'Compare benchmarks with benchstat, ten runs, laptop on mains.',
  ),
  entry(
    'owner-atlas',
    ATLAS,
    'fact',
    'People',
    'Questions about the licence go to Ruben, outages to the hosting company (ticket, not phone).',
  ),
  entry('short', '', 'preference', 'Answers', 'Keep answers short, no bullet lists.'),
  entry('tdd', '', 'preference', 'Testing', 'Write the failing test before the change.'),
];

export const SECOND_SESSIONS: readonly Session[] = [
  {
    id: 'h-double',
    folder: CLINIC,
    slug: 'double-booking',
    summary:
      'Two receptionists booked the same slot.\n- An exclusion constraint in Postgres prevents it now.\n- The form shows the next three free slots instead of an error.',
  },
  {
    id: 'h-scanner',
    folder: CLINIC,
    slug: 'insurance-card-reader',
    summary:
      'Reading insurance cards at the desk.\n- The reader appears as a keyboard; its input ends with a tab.\n- Old cards have no birthday, so it is asked for.',
  },
  {
    id: 'h-slowlist',
    folder: CLINIC,
    slug: 'waiting-room-list-slow',
    summary:
      'The list of the waiting room took 8 seconds.\n- Cause: photos were loaded with every row.\n- Thumbnails of 64 pixels are made at upload.',
  },
  {
    id: 'h-hills',
    folder: ATLAS,
    slug: 'hill-shading',
    summary:
      'Hill shading was added.\n- Elevation comes from Copernicus 30 m.\n- Contour lines were tried and dropped: tiles became twice as large.',
  },
  {
    id: 'h-outage',
    folder: ATLAS,
    slug: 'outage-disk-full',
    summary:
      'The server was down for two hours in April.\n- The disk was full of old extracts.\n- A timer deletes those older than 14 days.',
  },
  {
    id: 'h-geocode',
    folder: ATLAS,
    slug: 'address-search',
    summary:
      'Search for addresses.\n- Photon was chosen over Nominatim because it completes while typing.\n- House numbers are interpolated.',
  },
];

export const SECOND_NOTES: readonly Note[] = [
  {
    id: 'h-n-cert',
    name: 'cert.md',
    text: 'The TLS certificate of the clinic is renewed by hand every March, by Lena.',
  },
  {
    id: 'h-n-vpn',
    name: 'hospital.md',
    text: 'The hospital server is reachable only through the jump host bastion2, with the smart card.',
  },
];
