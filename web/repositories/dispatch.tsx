import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../api/client.ts";
import type { Repository } from "../api/types.ts";
import { Trouble } from "../parts/notice.tsx";
import { Dialog } from "../shell/dialog.tsx";
import { readInputs } from "./inputs.ts";

/** Starts workflows by hand: all dispatchable workflows of a ref, or one of them, with inputs. */
export function Dispatch({ repository, onClose }: { repository: Repository; onClose: () => void }) {
  const navigate = useNavigate();
  const [ref, setRef] = useState(repository.defaultBranch);
  const [workflow, setWorkflow] = useState("");
  const [inputs, setInputs] = useState("");
  const start = useMutation({
    mutationFn: () =>
      api.dispatch(repository.name, {
        ref: ref.trim(),
        ...(workflow.trim() && { workflow: workflow.trim() }),
        inputs: readInputs(inputs),
      }),
    onSuccess: async () => {
      onClose();
      await navigate({ to: "/runs", search: { repository: repository.name } });
    },
  });
  return (
    <Dialog label={`Run a workflow of ${repository.name}`} onClose={onClose} className="sm:max-w-md">
      <form
        className="flex flex-col gap-4 p-5"
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <h2 className="text-base font-semibold">Run a workflow of {repository.name}</h2>
        <label className="flex flex-col gap-1 text-sm">
          Branch or tag
          <input className="field mono" required value={ref} onChange={(event) => setRef(event.target.value)} />
        </label>
        <label className="flex flex-col gap-1 text-sm">
          Workflow file
          <input
            className="field mono"
            placeholder="all that can be started by hand"
            value={workflow}
            onChange={(event) => setWorkflow(event.target.value)}
          />
        </label>
        <label className="flex flex-col gap-1 text-sm">
          Inputs, one name=value per line
          <textarea
            className="field mono"
            rows={3}
            value={inputs}
            onChange={(event) => setInputs(event.target.value)}
          />
        </label>
        {start.error && <Trouble error={start.error} />}
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button button-main" disabled={start.isPending}>
            {start.isPending ? "Starting" : "Run"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
