// Who is logged in, and what they may.
import { call, onStranger, Problem, type WhoAmI } from "./api";

export type Role = WhoAmI["role"];

const RANKS: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 };

class Session {
  /** Undefined until it is known. */
  who = $state.raw<WhoAmI | null | undefined>(undefined);
  /** Whether somebody was logged in a moment ago. */
  lost = $state(false);

  constructor() {
    onStranger(() => {
      this.lost = Boolean(this.who);
      this.who = null;
    });
  }

  async load(): Promise<void> {
    try {
      this.who = await call("GET /api/session");
    } catch (error) {
      if (!(error instanceof Problem && error.code === "unauthenticated")) throw error;
    }
  }

  async logIn(account: string, password: string): Promise<void> {
    this.who = await call("POST /api/session", { body: { account, password } });
    this.lost = false;
  }

  async logOut(): Promise<void> {
    await call("DELETE /api/session");
    this.lost = false;
    this.who = null;
  }

  /** Whether this person's role is at least `role`. */
  may(role: Role): boolean {
    return this.who ? RANKS[this.who.role] >= RANKS[role] : false;
  }
}

export const session = new Session();
