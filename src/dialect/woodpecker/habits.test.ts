import { describe, expect, it } from "vitest";
import { woodpecker } from "./index.ts";

const found = (text: string) =>
  woodpecker
    .lint({ path: ".woodpecker.yml", text })
    .map(({ line, column, severity, code, message }) => `${line}:${column} ${severity} ${code} ${message}`);
const step = (more: string, image = "sh") => `when: { event: push }\nsteps:\n  - { name: a, image: ${image}${more} }\n`;

const clone = (image: string) => `${step(", commands: x")}clone: { git: { image: ${image} } }\n`;

describe("discouraged habits that lint warns about", () => {
  it.each([
    ["steps: { build: { image: sh, commands: x } }", ["1:10 warning workflow-events `build` starts on every event."]],
    [
      "when: [{ branch: xyz }, { event: push }]\nsteps: { build: { image: sh, commands: x } }",
      ["2:10 warning workflow-events `build` starts on every event."],
    ],
    [
      "steps: { build: { image: sh, commands: x, when: [{ event: tag }, { branch: main }] } }",
      ["1:66 warning workflow-events This condition of `build` matches every event."],
    ],
    ["when: [{ event: push, branch: main }, { event: [tag, cron] }]\nsteps: { build: { image: sh, commands: x } }", []],
    ["steps: { build: { image: sh, commands: x, when: { event: push } } }\nservices: { db: { image: x } }", []],
  ])("steps without a filter for events: %s", (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it.each(["$CI_COMMIT_PRERELEASE", "$$CI_COMMIT_PRERELEASE", "${CI_COMMIT_PRERELEASE}", "$${CI_COMMIT_PRERELEASE}"])(
    "deprecated variables: %s",
    (written) => {
      const column = 49 + written.indexOf("CI_");
      expect(found(step(`, commands: ["é $$ echo ${written}"]`))).toEqual([
        `3:${column} warning workflow-deprecated \`CI_COMMIT_PRERELEASE\` is deprecated.`,
      ]);
    },
  );

  it("no variables with longer names", () => {
    expect(
      found(step(', commands: ["echo $CI_COMMIT_PRERELEASE_X $CI_PIPELINE_AVATAR $XCI_COMMIT_PRERELEASE"]')),
    ).toEqual([]);
    expect(found(step(", commands: [echo $CI_PREV_COMMIT_AUTHOR_AVATAR]"))).toHaveLength(1);
  });

  it("keys that need a trusted repository", () => {
    const keys =
      "privileged: true, volumes: [/a:/a], devices: [/dev/x:/dev/x], tmpfs: [/t], dns: 1.1.1.1, dns_search: x, extra_hosts: ['a:1.2.3.4'], network_mode: host";
    for (const text of [
      step(`, commands: x, ${keys}`),
      `${step(", commands: x")}services: [{ name: s, image: x, ${keys.replace("dns: 1.1.1.1, dns_search: x, ", "")} }]\n`,
    ]) {
      const named = found(text).map(
        (each) => /^\d+:\d+ warning workflow-unsupported `(\w+)` of `[as]` has no effect here\.$/.exec(each)?.[1],
      );
      expect(named).toEqual([
        "privileged",
        "volumes",
        "devices",
        "tmpfs",
        ...(text.includes("dns") ? ["dns", "dns_search"] : []),
        "extra_hosts",
        "network_mode",
      ]);
    }
    expect(found(step(", commands: x, privileged: false"))).toEqual([]);
  });

  it.each([
    ["plugins/docker", 1],
    ["docker.io/plugins/docker:20", 1],
    ["woodpeckerci/plugin-docker-buildx:5@sha256:0123", 1],
    ["registry:5000/plugins/docker", 0],
    ["plugins/dockerx", 0],
    ["${IMAGE}", 0],
  ])("images that no longer run privileged: %s", (image, count) => {
    expect(found(step("", JSON.stringify(image)))).toHaveLength(count);
    expect(
      found(step(", privileged: true", JSON.stringify(image))).filter((each) => each.includes("by itself")),
    ).toEqual([]);
  });

  it("clone images that are not the clone plugin", () => {
    expect(found(clone("octocat/custom-git-plugin:1"))).toEqual([
      "4:17 warning workflow-unsupported `octocat/custom-git-plugin:1` is not the clone plugin, so it does not get the repository's credentials.",
    ]);
    for (const image of [
      "woodpeckerci/plugin-git",
      "docker.io/woodpeckerci/plugin-git:2.6",
      "quay.io/woodpeckerci/plugin-git",
      '"${CLONE}"',
    ])
      expect(found(clone(image))).toEqual([]);
  });
});

describe("variables that are empty whatever the event", () => {
  it.each([
    ["${CI_WORKSPACE}/x", "only the running step knows"],
    ["${CI_STEP_STARTED}", "only the running step knows"],
    ["${CI_PREV_PIPELINE_STATUS}", "is never set here"],
    ["${CI_COMIT_SHA:0:8}", "Unknown variable"],
    ["${CI_BUILD_NUMBER}", "Unknown variable"],
  ])("%s", (written, message) => {
    expect(found(step(`, settings: { x: "${written}" }`))).toEqual([expect.stringContaining(message)]);
  });

  it("are not those with a default of their own, those of the matrix, those that are escaped, and those of the project", () => {
    expect(
      found(
        `${step(`, settings: { x: "\${CI_NONE=1} $\${CI_WORKSPACE} \${CI_MINE} \${OTHER} \${CI_COMMIT_TAG##v}" }`)}matrix: { CI_MINE: [a] }\n`,
      ),
    ).toEqual([]);
  });
});

const file = (matrix: string) =>
  `when: { event: push }\nmatrix: ${matrix}\nsteps: [{ name: a, image: sh, commands: x }]\n`;

describe("a matrix", () => {
  it("has lists of values, and combinations with any keys keys", () => {
    expect(found(file("{ include: [{ A: b, FEATURES: }, { A: [c] }] }"))).toEqual([]);
    expect(found(file("{ A: [1, x, true] }"))).toEqual([]);
    expect(found(file("{ A: x }"))).toEqual([
      expect.stringContaining("2:14 error workflow-schema `matrix.A` must be a list"),
    ]);
    expect(found(file("{ A: [[x]] }"))).toEqual([
      expect.stringContaining("error workflow-schema `matrix.A[0]` must be"),
    ]);
  });
});
