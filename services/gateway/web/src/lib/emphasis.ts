// Texts of which a part is strong. Pure.

export interface Part {
  text: string;
  strong: boolean;
}

/** A text of which what stands between two pairs of asterisks is strong. */
export const parts = (text: string): Part[] =>
  text.split(/\*\*(.+?)\*\*/s).map((part, place) => ({ text: part, strong: place % 2 === 1 })).filter((part) => part.text);

/** The text without the asterisks. */
export const plain = (text: string): string => parts(text).map((part) => part.text).join("");
