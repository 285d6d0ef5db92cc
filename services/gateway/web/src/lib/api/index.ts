export { call, onServerTime, onStranger, Problem, Unreachable } from "./http";
export type { ProblemCode } from "./http";
export { follow } from "./events";
export type * from "./schema";

import type { Job, LogLine, RunView } from "./schema";

export type Status = Job["status"];
export type Outcome = NonNullable<RunView["outcome"]>;
export type Trigger = NonNullable<RunView["trigger"]>;
export type RunState = RunView["state"];
export type Level = LogLine["level"];
