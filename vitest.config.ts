import { defineConfig } from "vitest/config";

const server = { deps: { inline: [/@actions\/workflow-parser/, /@actions\/expressions/] } };

/** One project per kind of test, so that each can be run alone: `npx vitest run --project unit`. */
export default defineConfig({
  // Vite warns about each source map in a package that has no sources; nothing of ours is warned about here.
  logLevel: "error",
  test: {
    // On a machine that does much else every test may take many times its time: these limits only end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    setupFiles: ["test/support/chance.ts"],
    projects: [
      // Modules keep no state that tests could share, so each file need not load them anew: it halves the processor's time.
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "web/**/*.test.{ts,tsx}"],
          testTimeout: 120_000,
          isolate: false,
          server,
        },
      },
      { extends: true, test: { name: "integration", include: ["test/integration/**/*.test.ts"], server } },
      { extends: true, test: { name: "conformance", include: ["test/conformance/**/*.test.ts"], server } },
      { extends: true, test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], fileParallelism: false, server } },
      { extends: true, test: { name: "chaos", include: ["test/chaos/**/*.test.ts"], fileParallelism: false, server } },
    ],
  },
});
