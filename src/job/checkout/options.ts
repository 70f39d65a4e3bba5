/** How a commit is brought into a folder. */
export interface CheckoutOptions {
  /** A ref requested by the author instead of the run's own commit. */
  readonly ref: string;
  readonly depth: number;
  readonly tags: boolean;
  readonly keepCredentials: boolean;
  readonly token: string | undefined;
}
