import { Command } from "../parts/copy.tsx";
import { Empty } from "../parts/notice.tsx";

/** What to type so that something runs. */
export function PushHint({ title, address }: { title: string; address?: string }) {
  return (
    <Empty title={title}>
      <p>
        Push a commit that has a workflow under .github/workflows, .gitea/workflows, .forgejo/workflows, .woodpecker or
        .sluice.{address === undefined && " The repository is made by the first push; a token is the password."}
      </p>
      <Command>{`git push ${address ?? `${window.location.origin}/git/my-project.git`} HEAD`}</Command>
      {address === undefined && (
        <>
          <p>Or attach a bare repository that is on the server's disk already:</p>
          <Command>sluice repo add /srv/git/my-project.git</Command>
        </>
      )}
    </Empty>
  );
}
