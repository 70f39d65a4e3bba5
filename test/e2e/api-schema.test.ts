import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import { describe, expect, it } from "vitest";
import { openapiDocument } from "../../src/server/index.ts";

describe("the page's types of the API", () => {
  it("are those of the server's OpenAPI document (refresh with `npx vitest run --project e2e test/e2e/api-schema.test.ts -u`)", async () => {
    // The document comes from our own routes; the generator checks it again while reading it.
    const types = astToString(await openapiTS((await openapiDocument()) as OpenAPI3, { alphabetize: true }));
    const text = `/** Made from the server's OpenAPI document by test/e2e/api-schema.test.ts. Not to be changed by hand. */\n\n${types}`;
    await expect(text).toMatchFileSnapshot("../../web/api/schema.ts");
  });
});
