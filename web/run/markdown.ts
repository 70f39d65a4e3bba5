import { micromark } from "micromark";
import { gfmTable, gfmTableHtml } from "micromark-extension-gfm-table";

/** A summary longer than this is cut: parsing happens in the reader's browser. */
const LONGEST = 200_000;

/**
 * Makes HTML of a step's summary, which anybody's code may have written: HTML in it is shown as text, addresses other than
 * http(s), mailto and our own are dropped, and images are not loaded (they would tell another host who reads this).
 */
export function toHtml(markdown: string): string {
  return micromark(markdown.slice(0, LONGEST), {
    allowDangerousHtml: false,
    allowDangerousProtocol: false,
    extensions: [gfmTable(), { disable: { null: ["labelStartImage", "htmlFlow", "htmlText"] } }],
    htmlExtensions: [gfmTableHtml()],
  }).replaceAll("<a href=", '<a rel="noreferrer nofollow ugc" target="_blank" href=');
}
