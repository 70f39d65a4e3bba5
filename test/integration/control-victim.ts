/*
 * A server without HTTP that takes one push, runs its job by hand and is killed at the crash point that the environment
 * names. What was acknowledged goes to standard output as it happens, a line each.
 */
import { writeSync } from "node:fs";
import { Bed, oneJob } from "./control-bed.ts";

const folder = process.argv[2] ?? "";
const say = (line: string): void => void writeSync(1, `${line}\n`);

const bed = await Bed.open({}, folder);
const runner = await bed.runner();
say(`runner ${runner.id}`);
bed.files = oneJob;
const event = bed.event();
await bed.control.accept(event, bed.repository.id, `push ${event.sha}`);
say("accepted");
await bed.control.idle();
const assignment = await runner.take();
say("taken");
await runner.channel.begin(assignment.lease);
say("begun");
await runner.channel.log(assignment.lease, 0, 0, Buffer.from("hello\n"));
say("logged");
await runner.report(assignment.lease, { type: "step.started", step: 0, name: "x", at: 1 });
say("reported");
await runner.report(assignment.lease, { type: "job.finished", status: "success", outputs: {}, at: 2 });
say("finished");
await new Promise((resolve) => setTimeout(resolve, 30_000));
