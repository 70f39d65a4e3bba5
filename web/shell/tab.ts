import { useEffect } from "react";
import blocked from "../icons/blocked.svg";
import cancelled from "../icons/cancelled.svg";
import failure from "../icons/failure.svg";
import idle from "../icons/idle.svg";
import running from "../icons/running.svg";
import success from "../icons/success.svg";
import waiting from "../icons/waiting.svg";
import { tones, type State, type Tone } from "../state/state.ts";

const icons: Readonly<Record<Tone, string>> = {
  blocked,
  cancelled,
  failure,
  running,
  success,
  waiting,
  allowed: success,
  skipped: cancelled,
};
const signs: Readonly<Record<Tone, string>> = {
  running: "◐",
  failure: "✕",
  success: "✓",
  waiting: "◷",
  blocked: "⏸",
  cancelled: "⊘",
  skipped: "–",
  allowed: "!",
};

/** Sets the tab's title, and shows a state in its title and icon. */
export function useTab(title: string, state?: State): void {
  useEffect(() => {
    document.title = `${state ? `${signs[tones[state]]} ` : ""}${title} · Sluice`;
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link) link.href = state ? icons[tones[state]] : idle;
  }, [title, state]);
}
