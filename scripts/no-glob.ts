/** In the place of the package `glob`: see `build.ts`. */
export function glob(): never {
  throw new Error("The build has no glob.");
}
