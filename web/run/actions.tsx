import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import { keys, sessionQuery } from "../api/queries.ts";
import type { RunDetail } from "../api/types.ts";
import { Trouble } from "../parts/notice.tsx";
import { isOver, jobState } from "../state/state.ts";

type Gesture = "cancel" | "all" | "failed";

/** Cancel, re-run all, re-run failed: each is enabled if the run's state allows it, and otherwise says why not. */
export function RunActions({ run }: { run: RunDetail }) {
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const act = useMutation({
    mutationFn: (gesture: Gesture) => (gesture === "cancel" ? api.cancelRun(run.id) : api.rerun(run.id, gesture)),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.run(run.id) }),
        client.invalidateQueries({ queryKey: keys.runs }),
        client.invalidateQueries({ queryKey: keys.now }),
      ]),
  });
  const over = isOver(run.status);
  const failed = run.jobs.some(
    (job) => jobState(job) === "failure" || job.status === "lost" || job.status === "cancelled",
  );
  const watcher = session?.role === "viewer" ? "Your token is read-only." : undefined;
  const whyNot: Record<Gesture, string | undefined> = {
    cancel: watcher ?? (over ? "The run has ended." : undefined),
    all: watcher ?? (over ? undefined : "The run is still active; cancel it first."),
    failed: watcher ?? (failed ? undefined : "Nothing failed."),
  };
  const does = (gesture: Gesture): boolean => act.isPending && act.variables === gesture;
  const able = (gesture: Gesture): boolean => whyNot[gesture] === undefined && !act.isPending;

  const button = (gesture: Gesture, text: string, doing: string, look = "") => (
    <button
      type="button"
      className={`button ${look}`}
      disabled={!able(gesture)}
      title={whyNot[gesture]}
      onClick={() => act.mutate(gesture)}
    >
      {does(gesture) ? doing : text}
    </button>
  );
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {!over && button("cancel", "Cancel", "Cancelling", "button-danger")}
        {failed && button("failed", "Re-run failed", "Starting again")}
        {over && button("all", "Re-run all", "Starting again")}
      </div>
      {act.error && (
        <div className="basis-full">
          <Trouble error={act.error} />
        </div>
      )}
    </>
  );
}
