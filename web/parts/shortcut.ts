import { useEffect, useRef } from "react";
import { useSwitch } from "./preference.ts";

/** Handlers by key (`n`, `/`, `?`) or by a sequence of two keys (`g r`); the newest handler of a key wins. */
const registry = new Map<string, (() => void)[]>();
const SEQUENCE = 1_200;

/**
 * Runs `handler` on a key or a sequence of two, unless the reader is typing, a dialog is open, or single keys are
 * disabled.
 */
export function useShortcut(keys: string, handler: () => void, enabled = true): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!enabled) return;
    const run = (): void => latest.current();
    registry.set(keys, [...(registry.get(keys) ?? []), run]);
    return () => {
      registry.set(
        keys,
        (registry.get(keys) ?? []).filter((each) => each !== run),
      );
    };
  }, [keys, enabled]);
}

/** WCAG 2.1.4: users of speech input must be able to turn off single-key shortcuts. */
export function useSingleKeys(): [boolean, (on: boolean) => void] {
  return useSwitch("single-keys", true);
}

/** Listens on the whole page; used once, by the shell. */
export function useShortcutListener(onPalette: () => void): void {
  const [singleKeys] = useSingleKeys();
  const palette = useRef(onPalette);
  useEffect(() => {
    palette.current = onPalette;
  });
  useEffect(() => {
    let prefix = "";
    let at = 0;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        palette.current();
        return;
      }
      if (
        !singleKeys ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        event.defaultPrevented ||
        isTyping(event.target)
      )
        return;
      const sequence = event.timeStamp - at < SEQUENCE ? `${prefix} ${event.key}` : event.key;
      const handler = registry.get(sequence)?.at(-1) ?? registry.get(event.key)?.at(-1);
      prefix = event.key;
      at = handler ? -Infinity : event.timeStamp;
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [singleKeys]);
}

function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return (
    target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select") !== null)
  );
}
