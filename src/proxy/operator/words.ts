/** How numbers and times are said to the operator. */
export interface Words {
  number(value: number): string;
  /** Of the day, with the date unless it was within the last 20 hours. */
  time(at: number): string;
  /** In the largest unit that says enough. */
  age(ms: number): string;
}

/** Makes {@link Words}. Self-contained: the page carries its source. */
export function createWords(clock: () => number = Date.now): Words {
  // 20 h: short of a day, so that no time of the day can be taken for today's.
  const RECENT_MS = 20 * 60 * 60 * 1000;
  return {
    number: (value) => value.toLocaleString('en-US'),
    time(at) {
      // Not `hour12: false`, by which V8 counts the hour after midnight as the 24th.
      const date = new Date(at);
      if (Math.abs(clock() - at) < RECENT_MS)
        return date.toLocaleTimeString([], { hourCycle: 'h23' });
      const day = { month: 'short', day: 'numeric' } as const;
      const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
      return date.toLocaleString([], { ...day, ...time, hourCycle: 'h23' });
    },
    age(ms) {
      const seconds = Math.round(ms / 1000);
      if (seconds < 120) return `${seconds} s`;
      if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
      return seconds < 172_800
        ? `${Math.round(seconds / 3600)} h`
        : `${Math.round(seconds / 86_400)} d`;
    },
  };
}
