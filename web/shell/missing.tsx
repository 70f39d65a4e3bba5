import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { Empty, Trouble } from "../parts/notice.tsx";
import { Page } from "./page.tsx";

export function Missing() {
  return (
    <Page title="Not found">
      <Empty title="Page not found.">
        <p>
          The address may be incomplete, or from another version.{" "}
          <Link to="/" className="link">
            Go to Now
          </Link>
          , or press <kbd>Ctrl</kbd> <kbd>K</kbd> to find anything.
        </p>
      </Empty>
    </Page>
  );
}

/** A bug in the page, or a chunk that cannot be loaded because the server was updated. */
export function Broken({ error }: ErrorComponentProps) {
  return (
    <Page title="The page crashed">
      <Trouble error={error} retry={() => window.location.reload()} />
    </Page>
  );
}
