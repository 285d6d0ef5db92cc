// Hooks' own terms.
import type { HookEvent } from "../api";

export const HOOK_EVENTS: readonly HookEvent[] = ["failed", "recovered", "held", "finished"];

/** The words in a line, whatever stands between them. */
export const words = (line: string): string[] => line.split(/[\s,;]+/).filter(Boolean);
