/** How numbers and times are said to the operator. */
export interface Words {
  number(value: number): string;
  /** Of the day. */
  time(at: number): string;
  /** In the largest unit that says enough. */
  age(ms: number): string;
}

/** Makes {@link Words}. Self-contained: the page carries its source. */
export function createWords(): Words {
  return {
    number: (value) => value.toLocaleString('en-US'),
    time: (at) => new Date(at).toLocaleTimeString([], { hour12: false }),
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
