import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { GroupWait } from "../api/types.ts";

/** Something that waits: a run or a job. */
export interface Waiting {
  readonly waitsFor?: string | undefined;
  readonly group?: GroupWait | undefined;
}

/** Links inside a row that is itself a link are above it. */
const inner = "link relative z-10";

/** What it waits for, with a link to the cause: the runs that hold a group, or the runners. */
export function Waits({ of: { waitsFor, group } }: { of: Waiting }): ReactNode {
  if (group) return <InGroup group={group} />;
  if (waitsFor === undefined) return null;
  const runner = /^(.*?\b)(runners?)\b(.*)$/s.exec(waitsFor);
  if (!runner || /^(?:jobs?|workflows?) /.test(waitsFor)) return <>waits for {waitsFor}</>;
  return (
    <>
      waits for {runner[1]}
      <Link to="/runners" className={inner}>
        {runner[2]}
      </Link>
      {runner[3]}
    </>
  );
}

function InGroup({ group: { name, place, heldBy } }: { group: GroupWait }) {
  return (
    <>
      waits for concurrency group {name}
      {heldBy.map((run, index) => (
        <span key={run.id}>
          {index === 0 ? ", held by " : ", "}
          <Link to="/runs/$run" params={{ run: run.id }} className={inner} title={run.title}>
            run {run.number}
          </Link>
        </span>
      ))}
      {place === 1 ? "; next in the queue" : `; ${place - 1} ahead in the queue`}
    </>
  );
}
