import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Job } from "../api/types.ts";
import { layOut, nodesOf, stepNodes } from "./graph.ts";

function job(id: string, needs: string[] = [], status: Job["status"] = "success", key = id): Job {
  return {
    id: key,
    key,
    job: id,
    workflow: "w",
    name: key,
    attempt: 1,
    status,
    allowed: false,
    needs,
    outputs: {},
    steps: [],
  };
}

const step = (index: number, needs?: number[]): Job["steps"][number] => ({
  index,
  id: `s${index}`,
  name: `s${index}`,
  status: "pending",
  allowed: false,
  lines: 0,
  bytes: 0,
  ...(needs && { needs }),
});

describe("nodesOf", () => {
  it("folds a matrix, and a moving cell speaks for it before a failed one", () => {
    const nodes = nodesOf([
      job("build"),
      job("test", ["build"], "failure", "a"),
      job("test", ["build"], "running", "b"),
      job("test", ["build"], "success", "c"),
    ]);
    expect(nodes.map((node) => [node.id, node.cells.length, node.state])).toEqual([
      ["build", 1, "success"],
      ["test", 3, "running"],
    ]);
  });
  it("ignores needs that are not there, and a job's need of itself", () => {
    expect(nodesOf([job("a", ["a", "gone"])])[0]?.needs).toEqual([]);
  });
});

describe("stepNodes", () => {
  it("makes nodes of steps that come after others, and leaves out what is not there", () => {
    expect(
      stepNodes({ steps: [step(0, []), step(1, [0, 9]), step(2, [0, 1])] }).map((node) => [node.id, node.needs]),
    ).toEqual([
      ["0", []],
      ["1", ["0"]],
      ["2", ["0", "1"]],
    ]);
  });
  it("makes none of a list of steps", () => {
    expect(stepNodes({ steps: [step(0), step(1)] })).toEqual([]);
    expect(stepNodes({ steps: [step(0, []), step(1, [])] })).toEqual([]);
  });
});

describe("layOut", () => {
  it("places each job to the right of all it needs", () => {
    const graph = layOut(nodesOf([job("deploy", ["test", "lint"]), job("build"), job("lint"), job("test", ["build"])]));
    expect(Object.fromEntries(graph.nodes.map((node) => [node.id, node.column]))).toEqual({
      deploy: 2,
      build: 0,
      lint: 0,
      test: 1,
    });
    expect([graph.columns, graph.rows]).toEqual([3, 2]);
  });
  it("leaves out needs that follow from others", () => {
    const graph = layOut(nodesOf([job("a"), job("b", ["a"]), job("c", ["a", "b"])]));
    expect(graph.edges).toEqual([
      { from: "a", to: "b" },
      { from: "b", to: "c" },
    ]);
  });
  it("terminates on a cycle", () => {
    expect(layOut(nodesOf([job("a", ["b"]), job("b", ["a"])])).nodes).toHaveLength(2);
  });
  it("never puts two jobs in one place, nor a job left of its needs", () => {
    const plan = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(plan, (needs) => {
        const jobs = needs.map((list, index) =>
          job(
            `j${index}`,
            list.filter((need) => need < index).map((need) => `j${need}`),
          ),
        );
        const graph = layOut(nodesOf(jobs));
        const at = new Map(graph.nodes.map((node) => [node.id, node]));
        expect(new Set(graph.nodes.map((node) => `${node.column}/${node.row}`)).size).toBe(jobs.length);
        for (const node of graph.nodes)
          for (const need of node.needs) expect(at.get(need)?.column).toBeLessThan(node.column);
        for (const node of graph.nodes) expect(node.row).toBeLessThan(graph.rows);
      }),
    );
  });
});
