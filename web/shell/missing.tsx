import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { Empty, Trouble } from "../parts/notice.tsx";
import { Page } from "./page.tsx";

export function Missing() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page.">
        <p>
          The address may be cut, or from another version.{" "}
          <Link to="/" className="link">
            Go to Now
          </Link>
          , or press <kbd>Ctrl</kbd> <kbd>K</kbd> to find anything.
        </p>
      </Empty>
    </Page>
  );
}

/** A defect of the page itself, or a part of it that could not be loaded because the server was updated meanwhile. */
export function Broken({ error }: ErrorComponentProps) {
  return (
    <Page title="The page broke">
      <Trouble error={error} retry={() => window.location.reload()} />
    </Page>
  );
}
