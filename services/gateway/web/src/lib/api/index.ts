export { call, onServerTime, onStranger, Problem, Unreachable } from "./http";
export type { ProblemCode } from "./http";
export { follow } from "./events";
export type * from "./schema";

import type { AccountBrief, Job, LogLine, PersonCard, RunView } from "./schema";

export type Status = Job["status"];
export type Outcome = NonNullable<RunView["outcome"]>;
export type Trigger = NonNullable<RunView["trigger"]>;
export type RunState = RunView["state"];
export type Level = LogLine["level"];
export type PersonState = PersonCard["state"];
export type AccountRole = AccountBrief["role"];
