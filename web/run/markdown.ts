import { micromark } from "micromark";
import { gfmTable, gfmTableHtml } from "micromark-extension-gfm-table";

/** A longer summary is cut: the reader's browser parses it. */
const LONGEST = 200_000;

/**
 * Renders a step's summary as HTML. Anyone's code may have written it: HTML is shown as text, links other than http(s),
 * mailto and our own are dropped, and images are not loaded (they would tell another host who reads this).
 */
export function toHtml(markdown: string): string {
  return micromark(markdown.slice(0, LONGEST), {
    allowDangerousHtml: false,
    allowDangerousProtocol: false,
    extensions: [gfmTable(), { disable: { null: ["labelStartImage", "htmlFlow", "htmlText"] } }],
    htmlExtensions: [gfmTableHtml()],
  }).replaceAll("<a href=", '<a rel="noreferrer nofollow ugc" target="_blank" href=');
}
