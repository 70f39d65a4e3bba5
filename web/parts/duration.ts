/**
 * `<0.1s`, `0.4s`, `12s`, `1m 12s`, `2h 3m`, `3d 4h`: at most two parts, from milliseconds. Never negative: the clocks
 * of machines differ.
 */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 50) return "<0.1s";
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `just now`, `40s ago`, `5m ago`, `3h ago`, `6d ago`, then the date. */
export function ago(then: Date, now: number): string {
  const seconds = Math.floor((now - then.getTime()) / 1_000);
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h ago`;
  if (seconds < 14 * 86_400) return `${Math.floor(seconds / 86_400)}d ago`;
  return then.toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

/** `now`, `in 40s`, `in 5m`, `in 3h`, `in 6d`, then the date. */
export function ahead(then: Date, now: number): string {
  const seconds = Math.ceil((then.getTime() - now) / 1_000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `in ${seconds}s`;
  if (seconds < 3_600) return `in ${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `in ${Math.floor(seconds / 3_600)}h`;
  if (seconds < 14 * 86_400) return `in ${Math.floor(seconds / 86_400)}d`;
  return then.toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

/** `812 B`, `4.2 KB`, `1.3 GB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  const units = ["KB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  const value = count / 1_000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}

/** `1,234,567` in every locale: the page is in English. */
export function count(value: number): string {
  return value.toLocaleString("en");
}
