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

/** What every project has: as stems. */
export const ORDINARY: ReadonlySet<string> = new Set(
  `app application array block body bug button call change check class code column command component content create data date day
    default delete edit element end error event fail failure field file find folder form format function handle head id image index
    input item keep key language large leave left length library line link list load long machine main map message method mobile mode
    model module name number object open option order output page parameter parse part path people place print process program
    project promise property put query read reference remove rename replace request result return row rule run save script screen second section
    select send server set setting show side simple size small sort split start state step store string style switch system table
    task test text time title type unit update user value variable version view window word write`
    .split(/\s+/)
    .map(stem),
);

/** Parts of paths. */
export const NO_WORDS: ReadonlySet<string> = new Set(
  'c cc cjs cpp cs css3 go h hpp html java js json jsx kt lib md mjs mts packages php py rb rs sh src swift toml ts tsx txt yaml yml'.split(
    ' ',
  ),
);
