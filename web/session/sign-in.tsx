import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../api/client.ts";
import { keys } from "../api/queries.ts";
import { Command } from "../parts/copy.tsx";
import { Trouble } from "../parts/notice.tsx";
import { useTab } from "../shell/tab.ts";

/** Exchanges a token for a session cookie; the token itself is not kept. */
export function SignInPage() {
  useTab("Sign in");
  const client = useQueryClient();
  const navigate = useNavigate();
  const { back } = useSearch({ from: "/sign-in" });
  const [token, setToken] = useState("");
  const signIn = useMutation({
    mutationFn: (given: string) => api.signIn(given.trim()),
    onSuccess: async (session) => {
      client.clear();
      client.setQueryData(keys.session, session);
      await navigate({ href: ownPath(back), replace: true });
    },
  });
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center px-5 py-10">
      <h1 className="text-xl font-semibold tracking-tight">Sluice</h1>
      <p className="mt-1 text-muted">Sign in with a token.</p>
      <form
        className="mt-6"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate(token);
        }}
      >
        <label htmlFor="token" className="text-sm font-medium">
          Token
        </label>
        <div className="mt-1 flex gap-2">
          <input
            id="token"
            type="password"
            required
            autoComplete="current-password"
            spellCheck={false}
            className="field mono h-10! flex-1"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
          <button type="submit" className="button button-main h-10" disabled={signIn.isPending}>
            {signIn.isPending ? "Signing in" : "Sign in"}
          </button>
        </div>
      </form>
      {signIn.error && <Trouble error={signIn.error} />}
      <div className="mt-8 space-y-3 border-t border-line pt-4 text-sm text-muted">
        <p>
          The server printed the first admin token on its first start. To create another one, run this on the server's
          machine:
        </p>
        <Command>sluice token create --role admin</Command>
      </div>
    </main>
  );
}

/** Only a path of this page: never another host, whatever is in the address. */
function ownPath(back: string | undefined): string {
  return back !== undefined && /^\/(?![/\\])\P{Cc}*$/u.test(back) && !back.startsWith("/sign-in") ? back : "/";
}
