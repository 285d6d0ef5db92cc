// A long list, made a piece a frame: the first piece is seen at once and the page never stands still.

const PIECE = 24;

export function gradually<T>(all: () => readonly T[]): { readonly shown: readonly T[] } {
  let most = $state(PIECE);
  const shown = $derived(all().slice(0, most));
  $effect(() => {
    if (most >= all().length) return;
    const frame = requestAnimationFrame(() => (most += PIECE));
    return () => cancelAnimationFrame(frame);
  });
  return {
    get shown() {
      return shown;
    },
  };
}
