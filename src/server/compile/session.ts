import { SluiceError } from "../../model/index.ts";
import type { Answer, Notice, Question, Size } from "./messages.ts";
import type { Reason } from "./refusal.ts";

/** What is known about one question's files, over as many threads as it takes. */
export class Session {
  readonly answers: Answer[] = [];
  /** The answers so far. */
  size: Size = { characters: 0, jobs: 0 };
  readonly #question: Question;
  readonly #refuse: (file: string, reason: Reason) => Answer;
  /** The file that a thread is reading. */
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

  /** The thread is gone, or its answer is unusable: blames the file that it was reading. Throws if there was none. */
  blame(reason: Reason): void {
    if (this.#at === undefined)
      throw new SluiceError("internal", "The thread that compiles workflows does not work.", { cause: reason });
    this.#settle(this.#refuse(this.#at, reason));
  }

  /** Rejects all remaining files. */
  giveUp(): void {
    for (const { path } of this.#question.files.slice(this.answers.length))
      this.answers.push(this.#refuse(path, "event"));
  }

  #settle(answer: Answer): void {
    this.answers.push(answer);
    this.#at = undefined;
  }
}
