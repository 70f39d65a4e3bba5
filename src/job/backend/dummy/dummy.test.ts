import { describeBackend } from "../conformance/suite.ts";
import { dummyBackend } from "./index.ts";

describeBackend({ name: "dummy", load: async () => dummyBackend() });
