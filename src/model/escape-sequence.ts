/**
 * The source of a regular expression for terminals' escape sequences (ECMA-48): CSI, with its parameters and final
 * character as groups 1 and 2, or 3 and 4 for the 8-bit form; OSC, DCS, SOS, PM and APC strings to their end, or to the
 * line's if they have none, as a terminal would; two-character ones. Each alternative is one pass over disjoint classes,
 * so hostile output costs linear time.
 */
export const escapeSequence = [
  String.raw`\u001B\[([0-9:;<=>?]*)[ -/]*([@-~])?`,
  String.raw`\u009B([0-9:;<=>?]*)[ -/]*([@-~])?`,
  String.raw`(?:\u001B[\]PX^_]|[\u0090\u0098\u009D\u009E\u009F])[^\u0007\u001B\u009C\n]*(?:\u0007|\u001B\\|\u009C)?`,
  String.raw`\u001B[ -/]*[0-~]?`,
].join("|");
