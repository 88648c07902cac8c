import { arch, cpus, platform, totalmem } from 'node:os';

/** When and on what a bench ran. */
export interface Machine {
  /** UTC, `YYYY-MM-DD`. */
  readonly date: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
}

/** What can be told of this machine without naming it. */
export const describeMachine = (): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${platform()} ${arch()}`,
  node: process.versions.node,
});
