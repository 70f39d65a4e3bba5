/** Reads `name=value` lines; a value may hold `=`. Lines without a name are left out. */
export function readInputs(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const equals = line.indexOf("=");
      const name = line.slice(0, equals).trim();
      return equals < 1 || name === "" ? [] : [[name, line.slice(equals + 1).trim()]];
    }),
  );
}
