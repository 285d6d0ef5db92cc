export { call, onServerTime, onStranger, Problem, send, Unreachable } from "./http";
export type { ProblemCode } from "./http";
export { follow } from "./events";
export type * from "./schema";

import type { AccountBrief, CampaignBrief, Delivery, HookOut, Job, LogLine, MailTemplate, PersonCard, RunView } from "./schema";

export type Status = Job["status"];
export type Outcome = NonNullable<RunView["outcome"]>;
export type Trigger = NonNullable<RunView["trigger"]>;
export type RunState = RunView["state"];
export type Level = LogLine["level"];
export type PersonState = PersonCard["state"];
export type AccountRole = AccountBrief["role"];
export type DeliveryState = Delivery["state"];
export type CampaignState = CampaignBrief["state"];
export type MailEvent = MailTemplate["event"];
export type HookEvent = HookOut["events"][number];
