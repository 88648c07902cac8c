/** Where and when a call was made. */
export interface Stamp {
  /** Also the outbox key: keys of one tab sort in the order of their calls. */
  readonly id: string;
  /** By the visitor's clock, milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Makes ids that are unique and, within a tab, strictly increasing: the time in them never stands
 * still and never runs back, whatever the clock does.
 *
 * @returns Makes one. It sorts behind `behind` too: the time in another tab's key, whose clock may have
 * been ahead.
 */
export function createStamper(now: () => number, random: () => number): (behind?: number) => Stamp {
  const tab = random().toString(36).slice(2, 12);
  let last = 0;
  let sequence = 0;
  return (behind = 0) => {
    const at = now();
    last = Math.max(last + 1, behind + 1, at);
    return { id: `${last.toString(36)}-${tab}-${sequence++}`, at };
  };
}
