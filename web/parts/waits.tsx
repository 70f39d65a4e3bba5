import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Wait } from "../api/types.ts";

/** Something that waits: a run or a job. */
export interface Waiting {
  readonly waitsFor?: string | undefined;
  readonly wait?: Wait | undefined;
}

/** Links inside a row that is itself a link are above it. */
const inner = "link relative z-10";

/** What it waits for, with a link to the cause: the runs that hold a group, or the runners. */
export function Waits({ of: { waitsFor, wait } }: { of: Waiting }): ReactNode {
  if (wait?.for === "group") return <InGroup wait={wait} />;
  if (waitsFor === undefined) return null;
  if (wait?.for !== "runner") return <>waits for {waitsFor}</>;
  return (
    <>
      waits for a{" "}
      <Link to="/runners" className={inner}>
        runner
      </Link>
      {waitsFor.replace(/^a runner/, "")}
    </>
  );
}

function InGroup({ wait: { group, place, heldBy } }: { wait: Extract<Wait, { for: "group" }> }) {
  return (
    <>
      waits for concurrency group {group}
      {heldBy?.map((run, index) => (
        <span key={run.id}>
          {index === 0 ? ", held by " : ", "}
          <Link to="/runs/$run" params={{ run: run.id }} className={inner} title={run.title}>
            run {run.number}
          </Link>
        </span>
      ))}
      {place === undefined ? "" : place === 1 ? "; next in the queue" : `; ${place - 1} ahead in the queue`}
    </>
  );
}
