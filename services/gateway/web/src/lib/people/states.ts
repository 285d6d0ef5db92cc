// The states of a person's access, in the order in which one looks for them.
import type { PersonState } from "../api";

export const STATES: readonly PersonState[] = ["active", "pre_expired", "reminder", "expired", "invited", "suspended", "removed"];
