import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** The commands of processes that run pages, in each engine. */
const RUNS_PAGES = /--type=renderer|-contentproc .*\btab$|WebKitWebProcess/;

/** Ids of the processes that run the pages of this worker's browser, and of no other. */
export function contentProcesses(): readonly number[] {
  const list = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  const all = [...list.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)].map(([, id, parent, command]) => ({
    id: Number(id),
    parent: Number(parent),
    command: command ?? '',
  }));
  const parents = new Map(all.map(({ id, parent }) => [id, parent]));
  const isOurs = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && (parent === process.pid || isOurs(parent));
  };
  return all
    .filter(({ id, command }) => RUNS_PAGES.test(command) && isOurs(id))
    .map(({ id }) => id);
}

const lives = (id: number) => {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
};

/** Kills processes, and waits until their parents have noticed. */
export async function kill(ids: readonly number[]): Promise<void> {
  for (const id of ids.filter(lives)) process.kill(id, 'SIGKILL');
  while (ids.some(lives)) await pause(10);
}
