/** Words that say little of what a message is about. */
import { stem } from '../../repo-index/store/stem.ts';

/** Function words of German, and those of English that are names in code: the others are in repo-index/store/tokens.ts. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist bitte da dabei dafür daher
    damit dann das dass dazu dem den denn der deren des deshalb dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein
    eine einem einen einer eines einmal er es etwas euch für gab ganz gar geht gibt habe haben hat hatte hatten hier hin ich ihm ihn ihr
    ihre im immer in ins ist ja jede jedem jeden jeder jedes jetzt kann kannst kein keine können könnte läuft lassen machen mach man
    mehr mein meine meinem meinen mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne sein seine sich sie sind so soll
    sollen sollte sonst über um und uns unser unsere unserem unseren unter vom von vor wann war waren warum was weil welche welchem
    welchen welcher welches wenn wer werden wie wieso will wir wird wo woher wohin wollen wurde wurden zu zum zur zwischen mal genau
    anyone back begin begins begun call calls found get gets getting got instead long look need onto once one people person piece put
    someone somebody start started take takes took two whole`.split(/\s+/),
);

/** What every project has, and what is said of anything: as stems. */
export const ORDINARY: ReadonlySet<string> = new Set(
  `above accept ago allow answer app application apply array arrive attribute avoid bad beginning best better big block body
    break bring broken bug button call cause change check child choose class clear click client close code column command
    complete component connect connection content convert copy correct create cut data date day deal decide deep default define
    delay delete depend describe different difficult direct directory double early easy edit element empty end enter error event
    exact expect explain fail failure far feel few field file fill final find first folder forget form format free fresh full
    function general generate good great guess half hand handle hard head help hidden hide high hold hook hope id idea image
    important index input inside instead item keep key kind language large last late later learn least leave left length less
    library line link list load local long lose lost low machine main map match matter mean message method mind minute miss
    mobile mode model module more morning most move name near new next nice node none normal number object old open option order
    output outside own page parameter parent parse part pass past path people pick place plain plan point possible prefer prefix
    prepare prevent print problem process program project promise proper property pull push put query quick raise reach read
    ready real reason reference remain remove rename repeat replace reply report request respond response rest result return
    right root row rule run safe save saved screen script second section select send separate server set setting share short
    show side sign silent simple single size small sort source special split stand start state stay step stop store strange
    stream string style suffix swallow switch system table task tell test text thing time title today together tomorrow top
    total touch treat turn twice type understand unit update upper url useful user usual value variable version view wait warn
    warning watch week weird wide window wonder word work write wrong`
    .split(/\s+/)
    .map(stem),
);

/** Parts of paths. */
export const NO_WORDS: ReadonlySet<string> = new Set(
  'c cc cjs cpp cs css3 go h hpp html java js json jsx kt lib md mjs mts packages php py rb rs sh src swift toml ts tsx txt yaml yml'.split(
    ' ',
  ),
);
