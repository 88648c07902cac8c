import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = new URL('../../node_modules/.cache/debian', import.meta.url).pathname;
const APT = '/usr/bin/apt-get';

/**
 * Path of a program: the machine's own, else unpacked from its Debian package below
 * `node_modules/.cache`, where it needs no rights and starts no service. `undefined` where neither
 * can be had, with the reason on standard error.
 *
 * @throws {Error} in CI, where a test that is left out must not pass unseen.
 */
export function findDebianProgram(path: string, debian: string): string | undefined {
  const folder = join(CACHE, debian);
  const known = [path, join(folder, path)].find((one) => existsSync(one));
  if (known !== undefined) return known;
  try {
    unpack(debian, folder);
    const program = join(folder, path);
    if (!existsSync(program)) throw new Error(`the package has no ${path}`);
    return program;
  } catch (error) {
    const reason = `${path} is not here and Debian's package ${debian} cannot be had: ${error}`;
    if (process.env.CI && existsSync(APT)) throw new Error(reason);
    console.error(`LEFT OUT: ${reason}`);
    return undefined;
  }
}

function unpack(debian: string, folder: string): void {
  if (!existsSync(APT)) throw new Error('there is no apt-get');
  const lists = join(folder, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const apt = (...words: string[]) =>
    execFileSync(APT, ['-qq', ...words], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    apt('download', debian);
  } catch {
    // Lists of one's own need no rights, and no lock that another may hold.
    const own = ['-o', `Dir::State::Lists=${lists}`];
    apt(...own, 'update');
    apt(...own, 'download', debian);
  }
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? '';
  execFileSync('dpkg', ['-x', archive, '.'], { cwd: folder });
}
