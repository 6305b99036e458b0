/**
 * What users write later. `about`: an answer stands in that memory alone; `unrelated`: none of the memories is of use.
 *
 * `dev` is what the recall was made with; `held` was written when nothing was changed any more, and is only counted.
 */
import { FERRY, SHOP } from './corpus.ts';

export interface Asked {
  readonly folder: string;
  readonly text: string;
  /** Memories of which one must be recalled. */
  readonly about: readonly string[];
}

export const asked = (folder: string, text: string, ...about: string[]): Asked => ({ folder, text, about });

export const DEV: readonly Asked[] = [
  asked(SHOP, 'add date-fns as a dependency, with the package manager that we use here', 'pnpm'),
  asked(SHOP, 'my connection to the local database is refused, which port was it?', 'pg-port'),
  asked(SHOP, 'I added a column to the orders table, what do I have to run for the migration', 'migrations'),
  asked(SHOP, 'how did I fill the shop with sample data last time?', 'seed'),
  asked(SHOP, 'do we store prices as floats?', 'money'),
  asked(SHOP, 'the tax on the invoice is one cent off, where do we round the VAT?', 'vat'),
  asked(SHOP, 'the purchase spec sometimes breaks for no reason, what was it?', 'e2e-flaky'),
  asked(SHOP, 'run the e2e tests in the browser that works on this machine', 'e2e-run'),
  asked(SHOP, 'can I run the unit tests without an account at the card provider?', 'mock-stripe'),
  asked(SHOP, 'the signature check of the payment webhook throws, we had that before', 'webhook'),
  asked(SHOP, 'Ab welchem Betrag braucht eine Rückerstattung noch eine zweite Freigabe?', 'refund'),
  asked(SHOP, 'how do I get this onto production? a tag or a push?', 'deploy'),
  asked(SHOP, 'the new version is broken in production, how do I undo it?', 'rollback'),
  asked(SHOP, 'Warum haben wir damals nicht Alpine im Dockerfile genommen?', 'images'),
  asked(SHOP, 'style the new banner the way we usually do css here', 'css'),
  asked(SHOP, 'where do new translations go first?', 'i18n'),
  asked(SHOP, 'can we speed up the basket by caching it?', 'cache'),
  asked(SHOP, 'where do I look at what the live system logs?', 'logs'),
  asked(SHOP, 'how many discount codes can someone use at once?', 's-coupons'),
  asked(SHOP, 'what did we choose for making PDF invoices and why not puppeteer', 's-pdf'),
  asked(SHOP, 'is there a nightly backup of the data, and how do I get it back?', 'n-backup'),
  asked(FERRY, '上次我们把编译器固定在哪个版本？', 'rust-version'),
  asked(FERRY, 'how do I get the new firmware onto the display?', 'flash'),
  asked(FERRY, 'what baud rate did the serial monitor use', 'serial'),
  asked(FERRY, 'Wie habe ich letztes Mal ohne Hardware getestet, was das Display zeigt?', 'simulator'),
  asked(FERRY, 'the picture comparison fails after my change, how do I accept the new look?', 'golden'),
  asked(FERRY, 'clients get kicked off the mqtt broker, did we not solve that earlier?', 'broker'),
  asked(FERRY, 'departures after midnight show up on the wrong day', 'timezone'),
  asked(FERRY, 'people cannot read the screen in daylight, what did we do about it?', 's-brightness'),
  asked(FERRY, 'I cannot get into the network of the harbour from home', 'n-vpn'),
];

export const DEV_UNRELATED: readonly Asked[] = [
  asked(SHOP, 'hi'),
  asked(SHOP, 'thanks, that looks good'),
  asked(SHOP, 'What can you do?'),
  asked(SHOP, 'Where is the retry of HTTP requests implemented?'),
  asked(SHOP, 'rename the function parseArgs to readArguments everywhere'),
  asked(SHOP, 'Add a dark mode switch to the settings page'),
  asked(SHOP, 'explain what this regular expression does: ^\\d{3}-[a-z]+$'),
  asked(SHOP, 'write a function that groups an array by key'),
  asked(SHOP, 'Which file decides how long lines are wrapped?'),
  asked(
    SHOP,
    'TypeError: Cannot read properties of undefined (reading "length") at render (src/view/list.ts:41:12)',
  ),
  asked(SHOP, 'make the sidebar collapsible and remember its state'),
  asked(SHOP, 'convert this class to hooks'),
  asked(SHOP, 'Schreib mir bitte eine Hilfsfunktion, die zwei Listen vergleicht.'),
  asked(SHOP, 'add an endpoint GET /health that answers 200'),
  asked(SHOP, 'what is the difference between interface and type in TypeScript?'),
  asked(SHOP, 'the unit test of the date parser fails on leap years, fix it'),
  asked(SHOP, 'split src/utils.ts into smaller files'),
  asked(SHOP, 'add keyboard shortcuts to the gallery'),
  asked(SHOP, 'why is the button not clickable on mobile?'),
  asked(SHOP, '给这个函数加上注释'),
  asked(FERRY, 'ok go on'),
  asked(FERRY, 'implement Display for the Error enum'),
  asked(FERRY, 'where is the parser of the command line?'),
  asked(FERRY, 'write a benchmark for the hash map lookup'),
  asked(FERRY, 'how does the borrow checker treat two mutable references in a loop?'),
  asked(FERRY, 'Füge der Struktur ein Feld name hinzu und passe alle Aufrufer an.'),
  asked(FERRY, 'remove the unused imports'),
  asked(FERRY, 'make the struct generic over its reader'),
  asked(FERRY, 'what does `?Sized` mean'),
  asked(FERRY, 'add a --json flag to the export command'),
  asked(SHOP, 'can we simplify this function?'),
  asked(SHOP, 'why do we parse the date twice here?'),
  asked(SHOP, 'our table component re-renders on every key press, why?'),
  asked(SHOP, 'Warum wird diese Funktion zweimal aufgerufen?'),
  asked(SHOP, 'you wrote that wrong again, the function must return a promise'),
  asked(SHOP, 'do the same for the other two files'),
  asked(SHOP, 'try again'),
  asked(FERRY, 'was the file saved before the program crashed?'),
  asked(FERRY, 'where do we convert the hex string to bytes?'),
  asked(FERRY, 'run the tests again'),
  asked(FERRY, 'undo your last change'),
  asked(FERRY, 'which of our modules depends on serde?'),
];
