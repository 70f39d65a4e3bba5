/** Parses `name=value` lines; a value can contain `=`. Lines without a name are ignored. */
export function readInputs(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const equals = line.indexOf("=");
      const name = line.slice(0, equals).trim();
      return equals < 1 || name === "" ? [] : [[name, line.slice(equals + 1).trim()]];
    }),
  );
}
