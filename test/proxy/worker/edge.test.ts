import { describe, expect, it } from 'vitest';
import { createConsoleLog } from '../../../src/proxy/worker/consoleLog.ts';
import { createEdgeLaneHash } from '../../../src/proxy/worker/lane.ts';
import { createLogTelemetry } from '../../../src/proxy/worker/logTelemetry.ts';
import { sipHash } from '../../../src/proxy/worker/sipHash.ts';
import { createWindowRate } from '../../../src/proxy/worker/windowRate.ts';

describe('sipHash', () => {
  // Key 00…0f and message 00 01 02 …, from the authors' reference implementation (vectors.h).
  it.each([
    [0, 0x726f_db47_dd0e_0e31n],
    [1, 0x74f8_39c5_93dc_67fdn],
    [7, 0xab02_00f5_8b01_d137n],
    [8, 0x93f5_f579_9a93_2462n],
    [15, 0xa129_ca61_49be_45e5n],
  ])('of %i bytes is that of the reference', (length, hash) => {
    const key = [0x0706_0504_0302_0100n, 0x0f0e_0d0c_0b0a_0908n] as const;
    expect(
      sipHash(
        key,
        Uint8Array.from({ length }, (_, index) => index),
      ),
    ).toBe(hash);
  });
});

describe('a lane at the edge', () => {
  it('is the same for an address in any case, and for no other key or address', async () => {
    const laneOf = await createEdgeLaneHash('key');
    const lane = laneOf('jane@example.com');
    expect(lane).toMatch(/^[0-9a-f]{16}$/);
    expect((await createEdgeLaneHash('key'))('Jane@Example.com')).toBe(lane);
    expect(laneOf('joe@example.com')).not.toBe(lane);
    expect((await createEdgeLaneHash('other'))('jane@example.com')).not.toBe(lane);
  });
});

describe('a rate at the edge', () => {
  const setUp = (perMinute: number, maxKeys?: number) => {
    let now = 1_000_000;
    const rate = createWindowRate(perMinute, () => now, maxKeys);
    return {
      rate,
      pass: (ms: number) => {
        now += ms;
      },
    };
  };

  it('lets so many pass in a minute, and tells the rest how long to wait', async () => {
    const { rate, pass } = setUp(2);
    expect(await rate('a')).toBeUndefined();
    pass(10_000);
    expect(await rate('a')).toBeUndefined();
    expect(await rate('a')).toEqual({ waitMs: 50_000, limit: 2, windowSeconds: 60 });
    expect(await rate('b')).toBeUndefined();
    pass(50_000);
    expect(await rate('a')).toBeUndefined();
  });

  it('of 0 lets all pass', async () => {
    const { rate } = setUp(0);
    for (let count = 0; count < 1_000; count += 1) expect(await rate('a')).toBeUndefined();
  });

  it('counts several further ones at once', async () => {
    const { rate } = setUp(5);
    expect(await rate('a')).toBeUndefined();
    expect(await rate('a', 3)).toBeUndefined();
    expect(await rate('a', 3)).toMatchObject({ limit: 5 });
  });

  it.each([1, 2, 5])(
    'lets more pass than a limit of %i holds, where none came before',
    async (limit) => {
      const { rate } = setUp(limit);
      expect(await rate('a')).toBeUndefined();
      expect(await rate('a', 100)).toBeUndefined();
      expect(await rate('a')).toMatchObject({ limit });
    },
  );

  it('frees no key that is over its limit, however many others come', async () => {
    const { rate } = setUp(1);
    await rate('first');
    for (let count = 0; count < 30_000; count += 1) await rate(`${count}`);
    expect(await rate('first')).toBeDefined();
  });

  it('counts keys beyond its bound together, so that a flood of them is bounded too', async () => {
    const { rate } = setUp(1, 10);
    const passed = await Promise.all(
      Array.from({ length: 50_000 }, (_, index) => rate(`key ${index}`)),
    );
    expect(passed.filter((excess) => excess === undefined)).toHaveLength(10 + 4_096);
  });

  it('makes room as minutes end', async () => {
    const { rate, pass } = setUp(1, 2);
    await rate('a');
    pass(30_000);
    await rate('b');
    pass(30_000);
    await rate('a');
    pass(30_000);
    // The minute of b is over, the second one of a is not.
    expect(await rate('c')).toBeUndefined();
    expect(await rate('a')).toEqual({ waitMs: 30_000, limit: 1, windowSeconds: 60 });
    expect(await rate('c')).toEqual({ waitMs: 60_000, limit: 1, windowSeconds: 60 });
  });

  it('holds nobody for longer than a minute when the clock is set back', async () => {
    const { rate, pass } = setUp(1);
    await rate('a');
    pass(-3_600_000 / 4);
    expect(await rate('a')).toBeUndefined();
  });
});

describe('a log at the edge', () => {
  const setUp = (level: 'debug' | 'warn' | 'silent') => {
    const lines: unknown[] = [];
    const write = (name: string) => (line: string) => lines.push([name, JSON.parse(line)]);
    const sink = {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    };
    return { lines, log: createConsoleLog(level, sink) };
  };

  it('writes JSON lines of allow-listed fields', () => {
    const { lines, log } = setUp('debug');
    const fields = { code: 'x', status: 500, email: 'jane@example.com' };
    log.error('Delivery', fields);
    log.debug('Delivery');
    expect(lines).toEqual([
      ['error', { level: 'error', msg: 'Delivery', code: 'x', status: 500 }],
      ['debug', { level: 'debug', msg: 'Delivery' }],
    ]);
  });

  it.each([
    ['debug', 4],
    ['warn', 2],
    ['silent', 0],
  ] as const)('of level %s writes %i of four lines', (level, count) => {
    const { lines, log } = setUp(level);
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines).toHaveLength(count);
  });

  it('tells what is refused, put off, given up or cut', () => {
    const { lines, log } = setUp('debug');
    const telemetry = createLogTelemetry(log);
    telemetry.request('messages', 202, 0.1);
    telemetry.appended(1, 0.1);
    telemetry.result('accepted');
    telemetry.result('refused', 'tag_not_allowed');
    telemetry.result('later');
    telemetry.lost({ expired: 2, evicted: 0 });
    telemetry.aborted();
    expect(lines).toMatchObject([
      ['info', { msg: 'A message was refused', code: 'tag_not_allowed' }],
      ['info', { msg: 'A message was put off' }],
      ['warn', { msg: 'A browser gave up messages', code: 'expired', count: 2 }],
      ['debug', { msg: 'A body did not arrive in full' }],
    ]);
  });
});
