/** What terminals send, in the forms that their manuals document, and what must be heard of it. */

interface RecordedStream {
  readonly from: string;
  readonly bytes: string;
  /** Keys by their chords, adjacent text as one, pastes in angle brackets, other sequences as `KIND BODY`. */
  readonly heard: readonly string[];
}

const of = (from: string, ...rows: readonly (readonly [string, ...string[]])[]): RecordedStream[] =>
  rows.map(([bytes, ...heard]) => ({ from, bytes, heard }));

const ST = '\x1b\\';

export const RECORDED: readonly RecordedStream[] = [
  ...of(
    'xterm, keys',
    ['\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F', 'up', 'down', 'right', 'left', 'home', 'end'],
    ['\x1bOA\x1bOB\x1bOC\x1bOD\x1bOH\x1bOF', 'up', 'down', 'right', 'left', 'home', 'end'],
    ['\x1b[1;2A\x1b[1;3B\x1b[1;5C\x1b[1;8D', 'shift+up', 'alt+down', 'ctrl+right', 'ctrl+alt+shift+left'],
    [
      '\x1b[3~\x1b[5~\x1b[6~\x1b[3;5~\x1b[1~\x1b[4~',
      'delete',
      'pageup',
      'pagedown',
      'ctrl+delete',
      'home',
      'end',
    ],
    ['\x1bOM\x1bOj\x1bOp\x1bOy', 'enter', '*09'],
    ['\x1b[Z\t\r\x7f\b', 'shift+tab', 'tab', 'enter', 'backspace', 'backspace'],
    ['\x1b[2~\x1bOP\x1b[15~\x1b[1;2R', 'csi 2~', 'ss3 P', 'csi 15~', 'csi 1;2R'],
    ['\x1bb\x1bF\x1b\r\x1b\x7f\x1b<', 'alt+b', 'alt+shift+f', 'alt+enter', 'alt+backspace', 'alt+<'],
    ['\x00\x01\x1a\x1c\x1d\x1e\x1f', 'ctrl+ ', 'ctrl+a', 'ctrl+z', 'ctrl+\\', 'ctrl+]', 'ctrl+^', 'ctrl+_'],
    [
      '\x1b[27;2;13~\x1b[27;5;9~\x1b[27;6;90~\x1b[27;5;1089~',
      'shift+enter',
      'ctrl+tab',
      'ctrl+shift+z',
      'ctrl+c',
    ],
    ['\x1b[27;2;65~\x1b[27;6;95~\x1b[65;2u', 'A', 'ctrl+_', 'A'],
    ['\x1b[200~one\r\x1b[A\x07two\x1b[201~x', '<one\r\x1b[A\x07two>', 'x'],
    ['\x1b[200~\x1b[200~\x1b[20\x1b[201~', '<\x1b[200~\x1b[20>'],
  ),
  ...of(
    'xterm, mouse and focus',
    ['\x1b[I\x1b[O', 'focus in', 'focus out'],
    ['\x1b[<0;40;10M\x1b[<0;40;10m\x1b[<64;1;1M', 'mouse', 'mouse', 'mouse'],
    ['\x1b[M !!\x1b[M#\x7f~a', 'mouse', 'mouse', 'a'],
    ['\x1b[32;40;10M', 'mouse'],
  ),
  ...of(
    'xterm, answers',
    [
      '\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c\x1b[>41;388;0c',
      'csi ?64;1;2;6;9;15;16;17;18;21;22;28c',
      'csi >41;388;0c',
    ],
    [`\x1bP!|00000000${ST}\x1bP>|XTerm(388)${ST}`, 'dcs !|00000000', 'dcs >|XTerm(388)'],
    [
      '\x1b[12;1R\x1b[?12;1;1R\x1b[0n\x1b[?2026;2$y\x1b[4;1$y',
      'csi 12;1R',
      'csi ?12;1;1R',
      'csi 0n',
      'csi ?2026;2$y',
      'csi 4;1$y',
    ],
    ['\x1b[8;24;80t\x1b[4;600;800t\x1b[>4;2m', 'csi 8;24;80t', 'csi 4;600;800t', 'csi >4;2m'],
    [
      '\x1b]11;rgb:1e1e/1e1e/1e1e\x07\x1b]4;1;rgb:cdcd/0000/0000\x07',
      'osc 11;rgb:1e1e/1e1e/1e1e',
      'osc 4;1;rgb:cdcd/0000/0000',
    ],
    [
      `\x1b]10;rgb:ffff/ffff/ffff${ST}\x1b]52;c;aGVsbG8=\x07`,
      'osc 10;rgb:ffff/ffff/ffff',
      'osc 52;c;aGVsbG8=',
    ],
    [`\x1b]lmy title${ST}\x1b]Lmy icon${ST}`, 'osc lmy title', 'osc Lmy icon'],
    [
      `\x1bP1$r0;1m${ST}\x1bP0$r${ST}\x1bP1+r524742=38${ST}\x1bP1!~ABCD${ST}`,
      'dcs 1$r0;1m',
      'dcs 0$r',
      'dcs 1+r524742=38',
      'dcs 1!~ABCD',
    ],
    ['\x1b[1;2;3;4&w', 'csi 1;2;3;4&w'],
  ),
  ...of(
    'kitty',
    ['\x1b[?5u\x1b[?0u', 'keyboard', 'keyboard'],
    [
      '\x1b[27u\x1b[99;5u\x1b[91;5u\x1b[106;5u\x1b[13;2u',
      'escape',
      'ctrl+c',
      'escape',
      'ctrl+j',
      'shift+enter',
    ],
    ['\x1b[1089::99;5u\x1b[1103:1071:122;6u\x1b[1080:1048:98;3u', 'ctrl+c', 'ctrl+shift+z', 'alt+b'],
    ['\x1b[1089;5u\x1b[963;5u\x1b[12618;5u', 'ctrl+c', 'ctrl+s', 'ctrl+c'],
    ['\x1b[45:95;6u\x1b[44:60;4u\x1b[122:90;6u', 'ctrl+_', 'alt+<', 'ctrl+shift+z'],
    ['\x1b[97;1:1u\x1b[97;1:2u\x1b[97;1:3u\x1b[1;1:3A', 'aa', 'csi 97;1:3u', 'csi 1;1:3A'],
    ['\x1b[97:65;2u\x1b[97;65u\x1b[97;2;228u\x1b[97;;97:769u', 'AAäa\u0301'],
    [
      '\x1b[99;9u\x1b[118;9u\x1b[1089;9u\x1b[97;17u\x1b[13;9u',
      'csi 99;9u',
      'csi 118;9u',
      'csi 1089;9u',
      'csi 97;17u',
      'csi 13;9u',
    ],
    [
      '\x1b[57399u\x1b[57414u\x1b[57417;5u\x1b[57441;2u\x1b[57430u',
      '0',
      'enter',
      'ctrl+left',
      'csi 57441;2u',
      'csi 57430u',
    ],
    [
      `\x1b_Gi=1;OK${ST}\x1bP>|kitty(0.39.1)${ST}\x1b]99;i=1:p=close;${ST}`,
      'apc Gi=1;OK',
      'dcs >|kitty(0.39.1)',
      'osc 99;i=1:p=close;',
    ],
    ['\x1b[?997;1n\x1b[48;24;80;480;640t', 'csi ?997;1n', 'csi 48;24;80;480;640t'],
  ),
  ...of(
    'tmux',
    [`\x1b[?1;2;4c\x1b[>84;0;0c\x1bP>|tmux 3.5a${ST}`, 'csi ?1;2;4c', 'csi >84;0;0c', 'dcs >|tmux 3.5a'],
    ['\x1b\x1b[A\x1b\x1bOB\x1b[1;3C', 'alt+up', 'alt+down', 'alt+right'],
  ),
  ...of(
    'iTerm2',
    [`\x1b[>64;2500;0c\x1bP>|iTerm2 3.5.10${ST}`, 'csi >64;2500;0c', 'dcs >|iTerm2 3.5.10'],
    [`\x1b]1337;ReportCellSize=17.0;8.0;2.0${ST}`, 'osc 1337;ReportCellSize=17.0;8.0;2.0'],
    ['\x1b[1;9D\x1b[1;9C', 'alt+left', 'alt+right'],
  ),
  ...of(
    'Windows Terminal',
    [
      '\x1b[?61;4;6;7;14;21;22;23;24;28;32;42;52c\x1b[>0;10;1c',
      'csi ?61;4;6;7;14;21;22;23;24;28;32;42;52c',
      'csi >0;10;1c',
    ],
    ['\x1b[65;30;97;1;0;1_\x1b[65;30;97;0;0;1_', 'csi 65;30;97;1;0;1_', 'csi 65;30;97;0;0;1_'],
  ),
  ...of(
    'foot',
    [
      `\x1bP!|464f4f54${ST}\x1bP>|foot(1.20.2)${ST}\x1b[?62;4;22;28;29c`,
      'dcs !|464f4f54',
      'dcs >|foot(1.20.2)',
      'csi ?62;4;22;28;29c',
    ],
    [`\x1b]52;c;Z3LDvMOfZQ==${ST}`, 'osc 52;c;Z3LDvMOfZQ=='],
  ),
  ...of(
    'gnome-terminal',
    [
      `\x1b[?65;1;9c\x1b[>65;7600;1c\x1bP!|7E565445${ST}`,
      'csi ?65;1;9c',
      'csi >65;7600;1c',
      'dcs !|7E565445',
    ],
    [
      `\x1b]11;rgb:3030/0a0a/2424${ST}\x1b]4;256;rgb:0/0/0${ST}`,
      'osc 11;rgb:3030/0a0a/2424',
      'osc 4;256;rgb:0/0/0',
    ],
  ),
  ...of(
    'rxvt and the Linux console',
    ['\x1b[a\x1b[b\x1bOc\x1bOd', 'shift+up', 'shift+down', 'ctrl+right', 'ctrl+left'],
    ['\x1b[3$\x1b[3^\x1b[7@\x1b[8~', 'shift+delete', 'ctrl+delete', 'ctrl+shift+home', 'end'],
    ['\x1b[[Ax', 'x'],
  ),
  ...of(
    'any',
    ['Grüße 日本語 👩‍💻 \ufffd', 'Grüße 日本語 👩‍💻 \ufffd'],
    [`\x1b^private${ST}\x1bXstring\x07${ST}`, 'pm private', 'sos string', 'alt+\\'],
    ['\x1b]0;half\x1b[A\x1bPhalf\x1b_half\x03x', 'up', 'ctrl+c', 'x'],
    ['\x1b[12\x07\x1b[12\x1b[Bx\x1b]11;\x18y', 'down', 'xy'],
  ),
];
