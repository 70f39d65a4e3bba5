import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client.ts";
import { Trouble } from "../parts/notice.tsx";
import { Dialog } from "./dialog.tsx";
import { ThemeSwitch } from "./theme.tsx";

/** Who is signed in, and how to sign out. */
export function Account({ name, role }: { name: string; role: string }) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<unknown>();
  const leave = async (): Promise<void> => {
    try {
      await api.signOut();
      client.clear();
      // A full reload: nothing that was shown stays in memory.
      window.location.assign("/sign-in");
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <>
      <button
        type="button"
        className="tool"
        onClick={() => setOpen(true)}
        aria-label={`Signed in as ${name}`}
        title={`Signed in as ${name} (${role})`}
      >
        <span
          aria-hidden="true"
          className="flex size-5 items-center justify-center rounded-full border border-edge text-[11px] font-semibold uppercase"
        >
          {name.slice(0, 1)}
        </span>
      </button>
      {open && (
        <Dialog label="Account" onClose={() => setOpen(false)} className="sm:max-w-sm">
          <div className="space-y-4 p-5">
            <p>
              Signed in as <b className="font-semibold">{name}</b>, {role}.
            </p>
            <div className="flex items-center gap-2 text-sm text-muted">
              Theme <ThemeSwitch />
            </div>
            {error !== undefined && <Trouble error={error} />}
            <div className="flex gap-2">
              <button type="button" className="button" onClick={() => void leave()}>
                Sign out
              </button>
              <button type="button" className="button ml-auto" onClick={() => setOpen(false)}>
                Close
              </button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}
