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
 * @returns Makes one; behind the time of another tab's key too, whose clock may have been ahead. What
 * is no number puts it behind nothing else.
 */
export function createStamper(now: () => number, random: () => number): (behind?: number) => Stamp {
  const tab = random().toString(36).slice(2, 12);
  let last = 0;
  let sequence = 0;
  return (behind) => {
    const at = now();
    last = Math.max(last + 1, (behind as number) + 1 || 0, at);
    return { id: `${last.toString(36)}-${tab}-${sequence++}`, at };
  };
}
