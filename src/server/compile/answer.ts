import type { MessagePort } from "node:worker_threads";
import {
  checkWorkflowNeeds,
  type Compilation,
  compilerFor,
  scheduleReaderFor,
  type WorkflowFile,
} from "../../dialect/index.ts";
import { messageOf } from "../../model/index.ts";
import type { Answer, Notice, CompileTask, Question, Size } from "./messages.ts";

/**
 * Answers each task that arrives, file by file, and announces each file first: whoever kills the thread knows the
 * culprit.
 */
export function answerTasks(port: MessagePort, readerOf = readerFor): void {
  const say = (notice: Notice): void => port.postMessage(notice);
  port.on("message", (task: CompileTask) => {
    const { question, before } = task;
    const read = readerOf(question);
    const answers: Answer[] = [...before];
    let { room } = task;
    for (const [index, file] of question.files.entries()) {
      if (index < before.length) continue;
      say({ type: "begin", index });
      const notice = answerFor(file, read, room);
      if (notice.type === "answer")
        room = { characters: room.characters - notice.size.characters, jobs: room.jobs - notice.size.jobs };
      // A file that failed is left out of the comparison.
      answers.push(notice.type === "answer" ? notice.answer : { file: file.path, diagnostics: [] });
      say(notice);
    }
    if (question.kind === "compile") {
      const compilations = answers.filter((answer): answer is Compilation => "file" in answer);
      const checked = checkWorkflowNeeds(question.files, compilations);
      for (const [index, answer] of checked.entries())
        if (answer !== compilations[index]) say({ type: "checked", index, answer });
    }
    say({ type: "end" });
  });
}

/** How a question about one file is answered. */
export type Reader = (file: WorkflowFile) => Answer;

export function readerFor(question: Question): Reader {
  return question.kind === "compile"
    ? compilerFor(question.files, question.context)
    : scheduleReaderFor(question.files);
}

function answerFor(file: WorkflowFile, read: Reader, room: Size): Extract<Notice, { type: "answer" | "failed" }> {
  try {
    const answer = read(file);
    const size = {
      characters: JSON.stringify(answer).length,
      jobs: "file" in answer ? (answer.plan?.jobs.length ?? 0) : 0,
    };
    if (size.jobs > room.jobs) return { type: "failed", why: "jobs", message: `it creates ${size.jobs} jobs` };
    return size.characters > room.characters
      ? { type: "failed", why: "characters", message: `it creates ${size.characters} characters` }
      : { type: "answer", answer, size };
  } catch (error) {
    return { type: "failed", why: "defect", message: messageOf(error) };
  }
}
