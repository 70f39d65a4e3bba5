import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { openapiDocument } from "./openapi.ts";

const heading =
  "/** Generated from the server's OpenAPI document by src/server/http/openapi.test.ts. Do not edit by hand. */\n\n";
/** What JavaScript sends for a binary body. */
const bytes = ts.factory.createTypeReferenceNode("Uint8Array | ReadableStream<Uint8Array>");

describe("the client's types of the API", () => {
  it("match the server's OpenAPI document (update with `npx vitest run --project unit src/server/http/openapi.test.ts -u`)", async () => {
    // The document comes from our own routes; the generator checks it again while reading it.
    const types = await openapiTS((await openapiDocument()) as OpenAPI3, {
      alphabetize: true,
      transform: ({ format }) => (format === "binary" ? bytes : undefined),
      postTransform: orUndefined,
    });
    await expect(heading + astToString(types)).toMatchFileSnapshot("../../client/schema.ts");
  });
});

/** As Zod types what is optional: `name?: T | undefined`. */
function orUndefined(type: ts.TypeNode): ts.TypeNode | undefined {
  if (!ts.isTypeLiteralNode(type)) return undefined;
  const members = type.members.map((member) => {
    if (!ts.isPropertySignature(member) || member.questionToken === undefined || member.type === undefined)
      return member;
    const optional = ts.factory.createUnionTypeNode([
      member.type,
      ts.factory.createKeywordTypeNode(ts.SyntaxKind.UndefinedKeyword),
    ]);
    return ts.factory.updatePropertySignature(member, member.modifiers, member.name, member.questionToken, optional);
  });
  return ts.factory.updateTypeLiteralNode(type, ts.factory.createNodeArray(members));
}
