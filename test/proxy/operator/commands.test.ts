import { describe, expect, test } from 'vitest';
import { HELP, runCommand } from '../../../src/proxy/operator/commands.ts';
import type { Operator } from '../../../src/proxy/operator/operator.ts';
import type { DeadLetter } from '../../../src/proxy/outbox/outbox.ts';
import { identify } from '../fixture.ts';

const letter = (id: string): DeadLetter => ({
  message: identify({ id }),
  lane: 'f00d',
  reason: 'rejected',
  detail: '422',
  diedAt: Date.UTC(2026, 0, 2),
  attempts: 3,
});

function desk(letters: readonly DeadLetter[] = [letter('a-1'), letter('a-2')]) {
  const dead = new Map(letters.map((item) => [item.message.id, item]));
  const calls: string[] = [];
  const take = (verb: string) => async (id: string) => {
    calls.push(`${verb} ${id}`);
    return dead.delete(id);
  };
  const operator: Operator = {
    status: async () => ({
      version: '1.2.3',
      waiting: 4,
      oldestMs: 61_400,
      inFlight: 1,
      dead: dead.size,
    }),
    list: async () => [...dead.values()],
    show: async (id) => dead.get(id),
    retry: take('retry'),
    drop: take('drop'),
    erase: async (email) => (email === 'jane@example.com' ? 7 : 0),
  };
  const out: string[] = [];
  const complaints: string[] = [];
  let released = 0;
  const run = (...words: readonly string[]) =>
    runCommand(words, {
      connect: async () => ({
        operator,
        release: async () => {
          released += 1;
        },
      }),
      sign: async (email) => `signature of ${email}`,
      print: (line) => out.push(line),
      complain: (line) => complaints.push(line),
    });
  return { run, out, complaints, calls, released: () => released };
}

describe('runCommand', () => {
  test('tells the status, line by line', async () => {
    const { run, out, released } = desk();
    expect(await run('status')).toBe(0);
    expect(out).toEqual([
      'version       1.2.3',
      'waiting       4',
      'oldest        61 s',
      'in flight     1',
      'dead letters  2',
      'deliveries    none: no proxy runs',
    ]);
    expect(released()).toBe(1);
  });

  test('lists dead letters without e-mail addresses, shows one in full', async () => {
    const { run, out } = desk();
    expect(await run('dead', 'list')).toBe(0);
    expect(out[0]).toBe('a-1  2026-01-02T00:00:00.000Z  identify  rejected  3 attempts  422');
    expect(out.join()).not.toContain('@');
    expect(await run('dead', 'show', 'a-2')).toBe(0);
    expect(JSON.parse(out.at(-1) ?? '')).toEqual(letter('a-2'));
  });

  test('says so when there are none', async () => {
    const { run, out } = desk([]);
    expect(await run('dead', 'list')).toBe(0);
    expect(out).toEqual(['No dead letters.']);
  });

  test('retries and drops by id, or all', async () => {
    const { run, calls } = desk();
    expect(await run('dead', 'retry', 'a-2')).toBe(0);
    expect(await run('dead', 'drop', '--all')).toBe(0);
    expect(calls).toEqual(['retry a-2', 'drop a-1']);
  });

  test('goes on after an id that is unknown, and exits 1', async () => {
    const { run, calls, complaints } = desk();
    expect(await run('dead', 'drop', 'nobody', 'a-1')).toBe(1);
    expect(calls).toEqual(['drop nobody', 'drop a-1']);
    expect(complaints).toEqual(['No dead letter has the id nobody.']);
    expect(await run('dead', 'show', 'nobody')).toBe(1);
  });

  test('erases by address, in any case', async () => {
    const { run, out } = desk();
    expect(await run('erase', 'Jane@Example.com')).toBe(0);
    expect(out).toEqual(['Forgotten: 7 messages.']);
  });

  test('signs without touching the store', async () => {
    const { run, out, released } = desk();
    expect(await run('sign', ' Jane@Example.com ')).toBe(0);
    expect(out).toEqual(['signature of jane@example.com']);
    expect(released()).toBe(0);
  });

  test.each([
    [['sign']],
    [['sign', 'nonsense']],
    [['erase']],
    [['erase', 'nonsense']],
    [['dead']],
    [['dead', 'list', 'x']],
    [['dead', 'show']],
    [['dead', 'retry']],
    [['status', 'x']],
    [['serv']],
    [['--halp']],
  ])('%j is wrong usage: it says so, touches nothing and exits 2', async (words) => {
    const { run, complaints, released, calls } = desk();
    expect(await run(...words)).toBe(2);
    expect(complaints).toHaveLength(1);
    expect(released()).toBe(0);
    expect(calls).toEqual([]);
  });

  test('the help names every command', () => {
    for (const verb of [
      'status',
      'dead list',
      'dead show',
      'dead retry',
      'dead drop',
      'erase',
      'sign',
    ]) {
      expect(HELP).toContain(`sendx-proxy ${verb}`);
    }
  });
});
