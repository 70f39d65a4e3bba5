import { isJsonObject, type Json } from "../../model/index.ts";

/**
 * A plugin's settings as variables, by Woodpecker's rules: `PLUGIN_` and the key in capitals with `.` and `-` as `_`;
 * plain lists joined by commas; anything nested as JSON; nothing for null.
 */
export function pluginEnvironment(settings: Readonly<Record<string, Json>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    if (key !== "" && value !== null) env[`PLUGIN_${key.replace(/[.-]/g, "_").toUpperCase()}`] = plain(value);
  }
  return env;
}

function plain(value: Json): string {
  if (typeof value !== "object" || value === null) return String(value ?? "");
  if (isJsonObject(value)) return JSON.stringify(value);
  const simple = value.every((item) => typeof item !== "object" || item === null);
  return simple ? value.map((item) => String(item ?? "")).join(",") : JSON.stringify(value);
}
