import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { createService } from "../src/server.js";

test("answers over HTTP", async (context) => {
  const service = createService().listen(0, "127.0.0.1");
  context.after(() => service.close());
  await once(service, "listening");
  const base = `http://127.0.0.1:${service.address().port}`;
  assert.equal(await (await fetch(`${base}/?name=Grace`)).text(), "Hello, Grace!\n");
  assert.equal(await (await fetch(`${base}/healthz`)).text(), "ok\n");
});
