import { useEffect } from "react";
import { usePreference } from "../parts/preference.ts";

const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Before the first paint, so that the page does not flash. */
export function applyStoredTheme(): void {
  try {
    const stored = localStorage.getItem("sluice.theme");
    apply(themes.find((theme) => theme === stored) ?? "system");
  } catch {
    // Storage is switched off: the system's theme it is.
  }
}

const drawings: Readonly<Record<Theme, string>> = {
  system: "M2 3.5h12v8H2zM6 14h4M8 11.5V14",
  light:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13",
  dark: "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z",
};

/** Cycles through the system's theme, light, and dark. */
export function ThemeSwitch() {
  const [theme, setTheme] = usePreference("theme", themes);
  useEffect(() => apply(theme), [theme]);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
  return (
    <button
      type="button"
      className="tool"
      onClick={() => setTheme(next)}
      aria-label={`Theme: ${theme}. Switch to ${next}`}
      title={`Theme: ${theme}`}
    >
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        <path d={drawings[theme]} />
      </svg>
    </button>
  );
}
