import { Command } from "../parts/copy.tsx";
import { Empty } from "../parts/notice.tsx";

/** The commands that start a first run. */
export function PushHint({ title, address }: { title: string; address?: string }) {
  return (
    <Empty title={title}>
      <p>
        Push a commit with a workflow in .github/workflows, .gitea/workflows, .forgejo/workflows, .woodpecker or
        .sluice.{address === undefined && " The first push creates the repository; the password is a token."}
      </p>
      <Command>{`git push ${address ?? `${window.location.origin}/git/my-project.git`} HEAD`}</Command>
      {address === undefined && (
        <>
          <p>Or attach a bare repository on the server's disk:</p>
          <Command>sluice repo add /srv/git/my-project.git</Command>
        </>
      )}
    </Empty>
  );
}
