import { useSyncExternalStore } from "react";

const readers = new Set<() => void>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(`sluice.${key}`);
  } catch {
    // Storage is disabled in this browser: the preference lasts until the page closes.
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`sluice.${key}`, value);
  } catch {
    // As above: nothing to keep it in.
  }
  for (const reader of readers) reader();
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  window.addEventListener("storage", reader);
  return () => {
    readers.delete(reader);
    window.removeEventListener("storage", reader);
  };
}

/** A preference stored in this browser. A stored value that is not in `values` counts as the first of them. */
export function usePreference<const T extends string>(
  key: string,
  values: readonly [T, ...T[]],
): [T, (value: T) => void] {
  const stored = useSyncExternalStore(subscribe, () => read(key));
  const value = values.find((each) => each === stored) ?? values[0];
  return [value, (next) => write(key, next)];
}

/** The same for an on/off preference. */
export function useSwitch(key: string, initial: boolean): [boolean, (value: boolean) => void] {
  const [value, set] = usePreference(key, initial ? ["on", "off"] : ["off", "on"]);
  return [value === "on", (next) => set(next ? "on" : "off")];
}
