// How many tags a row shows whole.

/** Of each chip: its padding and the gap after it, in characters of its text. */
const chip_chars = 3;
/** Room for the chip that stands for the rest. */
const rest_chars = 5;

/** The number of first tags for which `room` characters are enough, with a chip for the rest where there is one. */
export function tagsThatFit(tags: readonly string[], room: number): number {
  let used = 0;
  for (let i = 0; i < tags.length; ++i) {
    used += [...tags[i]!].length + chip_chars;
    if (used + (i + 1 < tags.length ? rest_chars : 0) > room) return i;
  }
  return tags.length;
}
