import { sep } from "node:path";

/** True for the folder itself and everything in it. Compares text only; does not resolve links. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
