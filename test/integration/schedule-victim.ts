/*
 * A server without HTTP whose clock passes a schedule's due time, and which is killed at the crash point that the
 * environment names.
 */
import { writeSync } from "node:fs";
import { Bed, hourly } from "./control-bed.ts";

const folder = process.argv[2] ?? "";
const clock = { now: Date.parse("2026-06-01T00:00:30Z") };

const bed = await Bed.open({ now: () => clock.now }, folder);
bed.files = hourly;
const event = bed.event();
await bed.control.accept(event, bed.repository.id, `push ${event.sha}`);
await bed.control.schedules.check(bed.repository.id);
writeSync(1, "known\n");
clock.now = Date.parse("2026-06-01T01:00:00Z");
await bed.control.schedules.tick();
writeSync(1, "started\n");
