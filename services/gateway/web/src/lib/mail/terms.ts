// The words of mail, in the order in which they are shown. Pure.
import type { CampaignState, DeliveryState, MailEvent } from "../api";

export const DELIVERY_STATES: readonly DeliveryState[] = ["due", "claimed", "sending", "sent", "deferred", "refused", "uncertain", "dropped"];
/** Those in which nobody does anything about a message any more. */
const CLOSED: ReadonlySet<DeliveryState> = new Set(["sent", "refused", "uncertain", "dropped"]);
export const isClosed = (state: DeliveryState): boolean => CLOSED.has(state);
/** Nothing may have gone out of it yet, or nobody knows. */
export const isInHand = (state: DeliveryState): boolean => state === "claimed" || state === "sending";

export const EVENTS: readonly MailEvent[] = ["before_expiry", "expired", "after_expiry", "pending_invitation", "welcome", "subscription_changed", "access_restored"];
/** Events that come a number of days before or after something. Only the last day itself may have none. */
const LEAST_DAYS: Partial<Record<MailEvent, number>> = { before_expiry: 0, after_expiry: 1, pending_invitation: 1 };
export const leastDays = (event: MailEvent): number | null => LEAST_DAYS[event] ?? null;

/** Campaigns that can still be changed. */
export const isOpen = (state: CampaignState): boolean => state === "draft" || state === "scheduled";
/** Campaigns that are under way. */
export const isUnderWay = (state: CampaignState): boolean => state === "sending" || state === "paused";

export const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
/** How many messages of a campaign are closed, whatever became of them. */
export const closed = (counts: Record<string, number>): number => total(Object.fromEntries(Object.entries(counts).filter(([state]) => isClosed(state as DeliveryState))));
