/** How a commit is brought into a folder. */
export interface CheckoutOptions {
  /** What the author asked for besides the run's own commit. */
  readonly ref: string;
  readonly depth: number;
  readonly tags: boolean;
  readonly keepCredentials: boolean;
  readonly token: string | undefined;
}
