// Which job has which question or editor open. One at a time, for the whole page.
import type { Cell } from "../live/board.svelte";

export type Question = "pause" | "disable" | "run" | "why" | "interval" | "quiet";

class Desk {
  question = $state<Question | null>(null);
  cell = $state.raw<Cell | null>(null);

  ask(question: Question, cell: Cell): void {
    this.question = question;
    this.cell = cell;
  }

  close(): void {
    this.question = null;
    this.cell = null;
  }

  /** Whether this job's interval is being edited. */
  edits(cell: Cell): boolean {
    return this.question === "interval" && this.cell === cell;
  }
}

export const desk = new Desk();
