import { InvalidArgumentError } from "commander";

/** Parses --server: `http://` or `https://`, a host, and optionally a path prefix set by a proxy. */
export function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new InvalidArgumentError("write it as http://HOST:PORT or https://HOST.");
  if (url.username !== "" || url.password !== "")
    throw new InvalidArgumentError("pass the token with --token or SLUICE_TOKEN, not in the URL.");
  return text;
}
