import { SluiceError } from "../../model/index.ts";

/** The error for an archive that would write outside its folder. */
export function unsafe(what: string): SluiceError {
  return new SluiceError("artifact-unsafe", `The archive ${what}.`, {
    help: "Nothing more was unpacked. If you created the archive, pack plain files below one folder.",
  });
}
