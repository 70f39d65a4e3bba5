import { describe, expect, it } from "vitest";
import { Blocks } from "./blocks.ts";

function printed() {
  let text = "";
  const blocks = new Blocks(
    (content) => void (text += Buffer.from(content).toString()),
    (job) => `… ${job} continues\n`,
  );
  return {
    say: (job: string, content: string) => blocks.say(job, Buffer.from(content)),
    end: (job: string) => blocks.end(job),
    text: () => text,
  };
}

describe("output of jobs that run at the same time", () => {
  it("is live for the first job, and printed in full for one that ends meanwhile", () => {
    const { say, end, text } = printed();
    say("a", "a1\n");
    say("b", "b1\n");
    say("a", "a2\n");
    expect(text()).toBe("a1\na2\n");
    say("b", "b2\n");
    end("b");
    expect(text()).toBe("a1\na2\nb1\nb2\n");
    say("a", "a3\n");
    expect(text()).toBe("a1\na2\nb1\nb2\n… a continues\na3\n");
  });

  it("continues live with the next job when the first ends", () => {
    const { say, end, text } = printed();
    say("a", "a1\n");
    say("b", "b1\n");
    say("c", "c1\n");
    end("a");
    say("b", "b2\n");
    say("c", "c2\n");
    expect(text()).toBe("a1\nb1\nb2\n");
    end("b");
    end("c");
    expect(text()).toBe("a1\nb1\nb2\nc1\nc2\n");
  });

  it("never mixes two jobs in one line, and never cuts a line", () => {
    const { say, end, text } = printed();
    say("a", "alone");
    say("b", "b1\n");
    end("b");
    expect(text()).toBe("alone\nb1\n");
    say("a", ", it goes\n");
    say("c", "c1\n");
    say("a", "a2, be");
    end("c");
    say("a", "gun\n");
    end("a");
    expect(text()).toBe("alone\nb1\n… a continues\n, it goes\nc1\n… a continues\na2, begun\n");
  });

  it("prints an unfinished line once it is long, and the rest when a job ends", () => {
    const { say, end, text } = printed();
    say("b", "b\n");
    say("a", "");
    say("b", "x".repeat(70_000));
    expect(text().length).toBe(70_002);
    say("b", "tail");
    end("a");
    end("b");
    expect(text()).toBe(`b\n${"x".repeat(70_000)}tail`);
  });

  it("holds at most some megabytes, and loses nothing", () => {
    const { say, end, text } = printed();
    const line = `${"x".repeat(1_000_000)}\n`;
    say("a", "a\n");
    for (let count = 0; count < 7; count += 1) say("b", line);
    expect(text().length).toBeGreaterThan(4_000_000);
    end("b");
    expect(text()).toBe(`a\n${line.repeat(5)}${line.repeat(2)}`);
    end("a");
  });
});
