import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second, whatever its own clock (`man 5 proc`). */
const TICK_MS = 10;

/** Milliseconds of CPU that a process has used; NaN where there is no `/proc`. */
export function cpuMs(pid: number): number {
  try {
    // The name, in parentheses, may hold spaces.
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user, system] = rest.split(' ').slice(11, 13).map(Number);
    return ((user ?? Number.NaN) + (system ?? Number.NaN)) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}
