import { InvalidArgumentError } from "commander";

/** What --server takes: `http://` or `https://`, a host, and a path where a proxy puts the server below one. */
export function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new InvalidArgumentError("write the address as http://HOST:PORT or https://HOST.");
  if (url.username !== "" || url.password !== "")
    throw new InvalidArgumentError("a token is given with --token, or as SLUICE_TOKEN, not in the address.");
  return text;
}
