import { spawn } from 'node:child_process';
import { onTestFinished, vi } from 'vitest';

/** The proxy's program while it runs. */
export interface RunningProgram {
  /** Of its public port. */
  readonly port: number;
  /** Ends it as a service manager does; resolves to the exit code. */
  stop(): Promise<number | null>;
}

/** Starts the proxy by the words of a deployment, and waits until it listens. */
export async function startProgram(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<RunningProgram> {
  const [program = '', ...rest] = words;
  const node = /^(?:\/usr\/bin\/)?node$/.test(program) ? process.execPath : program;
  const child = spawn(node, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes) => {
    said.out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    said.err += bytes;
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await code;
  });
  await vi.waitFor(() => {
    if (child.exitCode !== null) throw new Error(`It ended: ${said.err}${said.out}`);
    if (!said.out.includes('"Listening"')) throw new Error(`It does not listen: ${said.err}`);
  }, 15_000);
  const listening = said.out.split('\n').find((line) => line.includes('"Listening"')) ?? '';
  const { port } = JSON.parse(listening) as { port: number };
  return {
    port,
    stop() {
      child.kill('SIGTERM');
      return code;
    },
  };
}
