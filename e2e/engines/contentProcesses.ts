import { execFileSync } from 'node:child_process';

/** The arguments of processes that run pages, in each engine. */
const RUNS_PAGES = /--type=renderer|-contentproc .*\btab$|WebKitWebProcess/;

interface Running {
  readonly id: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): readonly Running[] {
  const list = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  return [...list.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)].map(([, id, parent, command = '']) => ({
    id: Number(id),
    parent: Number(parent),
    command,
  }));
}

/** Ids of the processes that run the pages of this worker's browser, and of no other. */
export function contentProcesses(): readonly number[] {
  const all = processes();
  const parents = new Map(all.map(({ id, parent }) => [id, parent]));
  const isOurs = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && (parent === process.pid || isOurs(parent));
  };
  return all
    .filter(({ id, command }) => RUNS_PAGES.test(command) && isOurs(id))
    .map(({ id }) => id);
}
