import { SluiceError } from "../../model/index.ts";
import type { Answer, Notice, Question, Size } from "./messages.ts";
import type { Reason } from "./refusal.ts";

/** What is known of one question's files so far, over as many threads as it takes. */
export class Session {
  readonly answers: Answer[] = [];
  /** What the answers have so far. */
  size: Size = { characters: 0, jobs: 0 };
  readonly #question: Question;
  readonly #refuse: (file: string, reason: Reason) => Answer;
  /** The file that a thread is at. */
  #at: string | undefined;

  constructor(question: Question, refuse: (file: string, reason: Reason) => Answer) {
    this.#question = question;
    this.#refuse = refuse;
  }

  hear(notice: Notice): void {
    switch (notice.type) {
      case "begin":
        this.#at = this.#question.files[notice.index]?.path;
        return;
      case "answer":
        this.size = {
          characters: this.size.characters + notice.size.characters,
          jobs: this.size.jobs + notice.size.jobs,
        };
        return this.#settle(notice.answer);
      case "failed":
        return this.blame(notice.why === "defect" ? new Error(notice.message) : notice.why);
      case "checked":
        this.answers[notice.index] = notice.answer;
        return;
      case "end":
    }
  }

  /** The thread is gone, or the answer is of no use: it is the fault of the file that it was at. Throws when it was at none. */
  blame(reason: Reason): void {
    if (this.#at === undefined)
      throw new SluiceError("internal", "The thread that compiles workflows does not work.", { cause: reason });
    this.#settle(this.#refuse(this.#at, reason));
  }

  /** All files that are left are refused. */
  giveUp(): void {
    for (const { path } of this.#question.files.slice(this.answers.length))
      this.answers.push(this.#refuse(path, "event"));
  }

  #settle(answer: Answer): void {
    this.answers.push(answer);
    this.#at = undefined;
  }
}
