import { describe, expect, it } from "vitest";
import { toHtml } from "./markdown.ts";

describe("toHtml", () => {
  it("makes headings, lists, code and tables", () => {
    expect(toHtml("# Tests\n\n| a | b |\n|---|---|\n| 1 | `x` |")).toContain("<td><code>x</code></td>");
    expect(toHtml("# Tests")).toBe("<h1>Tests</h1>");
  });
  it("shows HTML as text", () => {
    const html = toHtml('<script>alert(1)</script>\n\ntext <img src=x onerror=alert(1)> <a href="x" onclick="y">z</a>');
    expect(html).not.toMatch(/<(?:script|img|a )/);
    expect(html).toContain("&lt;script&gt;");
  });
  it("drops addresses that run code", () => {
    expect(toHtml("[click](javascript:alert(1))")).toContain('href=""');
    expect(toHtml("[click](data:text/html,x)")).toContain('href=""');
    expect(toHtml("<javascript:alert(1)>")).not.toContain('href="javascript');
  });
  it("loads no image from anywhere", () => {
    expect(toHtml("![a](https://other.example/pixel.png)")).not.toContain("<img");
  });
  it("opens links without telling where from", () => {
    expect(toHtml("[a](https://other.example)")).toContain('rel="noreferrer nofollow ugc"');
  });
});
