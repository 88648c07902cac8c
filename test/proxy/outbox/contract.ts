import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outbox, OutboxFull } from '../../../src/proxy/outbox/outbox.ts';
import {
  dead,
  done,
  emptied,
  gateOf,
  increment,
  manual,
  rename,
  retry,
  track,
  until,
  upstream,
} from './scripted.ts';

/** What the contract varies of a store. */
export interface StoreOptions {
  readonly maxRows?: number;
  readonly maxBytes?: number;
  readonly maxDead?: number;
  readonly seenMs?: number;
}

/** One store, to be opened more than once. */
export interface Rig {
  open(options?: StoreOptions): Promise<Outbox>;
  /** Closes what is open and removes the store. */
  dispose(): Promise<void>;
}

/** Holds an adapter to every promise of the outbox. */
export function describeOutbox(name: string, makeRig: () => Promise<Rig>): void {
  describe(name, () => {
    let rig: Rig;
    let outbox: Outbox;

    beforeEach(async () => {
      rig = await makeRig();
      outbox = await rig.open();
    });
    afterEach(() => rig.dispose());

    const reopen = async (options?: StoreOptions) => {
      await outbox.close(0);
      outbox = await rig.open(options);
    };
    const ids = (letters: readonly { message: { id: string } }[]) =>
      letters.map(({ message }) => message.id);

    describe('append', () => {
      it('says in order what became of each message', async () => {
        expect(await outbox.append([track('a'), track('b', 'b@example.com')])).toEqual([
          'stored',
          'stored',
        ]);
        expect(await outbox.append([track('b', 'b@example.com'), track('c')])).toEqual([
          'duplicate',
          'stored',
        ]);
      });

      it('stores an id once within one append', async () => {
        const twice = track('a');
        expect(await outbox.append([twice, track('b'), twice])).toEqual([
          'stored',
          'stored',
          'duplicate',
        ]);
        expect((await outbox.stats()).waiting).toBe(2);
      });

      it('stores an id once when many append it at the same time', async () => {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => outbox.append([track('a'), track('b')])),
        );
        expect(answers.flat().filter((answer) => answer === 'stored')).toHaveLength(2);
        expect((await outbox.stats()).waiting).toBe(2);
      });

      it('knows an id after its delivery and after a restart', async () => {
        await outbox.append([track('a')]);
        void outbox.run(upstream().deliver, gateOf());
        await emptied(outbox);
        expect(await outbox.append([track('a')])).toEqual(['duplicate']);
        await reopen();
        expect(await outbox.append([track('a')])).toEqual(['duplicate']);
      });

      it('forgets an id once its time is over', async () => {
        await reopen({ seenMs: 300 });
        await outbox.append([track('a')]);
        expect(await outbox.append([track('a')])).toEqual(['duplicate']);
        void outbox.run(upstream().deliver, gateOf());
        await emptied(outbox);
        await expect
          .poll(() => outbox.append([track('a')]), { timeout: 10_000, interval: 50 })
          .toEqual(['stored']);
      });

      it('takes nothing of an append that is larger than the room left', async () => {
        await reopen({ maxRows: 3 });
        await outbox.append([track('a'), track('b')]);
        await expect(outbox.append([track('c'), track('d')])).rejects.toThrow(OutboxFull);
        expect((await outbox.stats()).waiting).toBe(2);
        expect(await outbox.append([track('a'), track('c')])).toEqual(['duplicate', 'stored']);
        expect(await outbox.append([track('a'), track('c')])).toEqual(['duplicate', 'duplicate']);
      });

      it('bounds bytes as it bounds rows', async () => {
        const size = JSON.stringify(track('a')).length;
        await reopen({ maxBytes: 2 * size });
        await outbox.append([track('a'), track('b')]);
        await expect(outbox.append([track('c')])).rejects.toThrow(OutboxFull);
      });

      it('has room again once messages are delivered', async () => {
        await reopen({ maxRows: 1 });
        await outbox.append([track('a')]);
        await expect(outbox.append([track('b')])).rejects.toThrow(OutboxFull);
        void outbox.run(upstream().deliver, gateOf());
        await emptied(outbox);
        await expect
          .poll(() => outbox.append([track('b')]).catch(() => 'full'), { timeout: 10_000 })
          .toEqual(['stored']);
      });

      it('keeps every character that JSON can carry', async () => {
        const message = {
          ...track('a', 'ü+ß@example.com'),
          addTags: ['\u0000', '\ud800', '🦆', "'"],
        };
        await outbox.append([message]);
        await reopen();
        const sendx = upstream();
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(sendx.deliveries[0]?.message).toEqual(message);
      });

      it('takes an empty append', async () => {
        expect(await outbox.append([])).toEqual([]);
      });
    });

    describe('run', () => {
      it('hands out the message with its lane, its time and the number of the attempt', async () => {
        const before = Date.now();
        await outbox.append([track('a')]);
        const sendx = upstream({ a: [retry(1), retry(1)] });
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(sendx.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
        const [first] = sendx.deliveries;
        expect(first?.message).toEqual(track('a'));
        expect(first?.lane).toBe(outbox.laneOf('jane@example.com'));
        // The store's clock may be another machine's.
        expect(Math.abs((first?.storedAt ?? 0) - before)).toBeLessThan(5_000);
      });

      it('keeps pauses and the number of attempts across a restart', async () => {
        await outbox.append([track('a')]);
        const first = upstream({ a: [retry(1), retry(1_500)] });
        void outbox.run(first.deliver, gateOf());
        await until(() => first.attempts.length === 2);
        await reopen();
        await outbox.append([track('b', 'b@example.com')]);
        const second = upstream();
        void outbox.run(second.deliver, gateOf());
        await emptied(outbox);
        expect(second.attempts).toEqual(['b', 'a']);
        expect(second.deliveries.map(({ attempt }) => attempt)).toEqual([1, 3]);
      });

      it('delivers what was waiting before it ran and what comes later', async () => {
        await outbox.append([track('a')]);
        const sendx = upstream();
        void outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.settled.includes('a'));
        await outbox.append([track('b')]);
        await until(() => sendx.settled.includes('b'));
      });

      it('keeps a lane in order when its head fails, and lets other lanes pass', async () => {
        await outbox.append([track('a1'), track('b1', 'b@example.com'), track('a2'), track('a3')]);
        const sendx = upstream({ a1: [retry(100), retry(100)] });
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(sendx.of('jane@example.com')).toEqual(['a1', 'a1', 'a1', 'a2', 'a3']);
        expect(sendx.attempts.indexOf('b1')).toBeLessThan(sendx.attempts.lastIndexOf('a1'));
      });

      it('waits as long as the verdict says, and not much longer', async () => {
        await outbox.append([track('a')]);
        const at: number[] = [];
        const sendx = upstream({ a: [retry(700)] });
        void outbox.run((delivery) => {
          at.push(performance.now());
          return sendx.deliver(delivery);
        }, gateOf());
        await emptied(outbox);
        const [first = 0, second = 0] = at;
        expect(second - first).toBeGreaterThanOrEqual(695);
        expect(second - first).toBeLessThan(5_000);
      });

      it('keeps at most one message of a lane in flight', async () => {
        await outbox.append([track('a1'), track('a2'), track('b1', 'b@example.com')]);
        const sendx = manual();
        void outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.started.length === 2);
        expect(sendx.started.toSorted()).toEqual(['a1', 'b1']);
        sendx.answer('b1', done);
        await outbox.append([track('c1', 'c@example.com')]);
        await until(() => sendx.started.includes('c1'));
        expect(sendx.started).not.toContain('a2');
        sendx.answer('a1', done);
        await until(() => sendx.started.includes('a2'));
        sendx.answer('a2', done);
        sendx.answer('c1', done);
      });

      it('delivers as many lanes at a time as the gate lets in', async () => {
        await outbox.append(
          Array.from({ length: 9 }, (_, lane) => track(`m${lane}`, `${lane}@example.com`)),
        );
        const sendx = manual();
        void outbox.run(sendx.deliver, gateOf(3));
        await until(() => sendx.started.length === 3);
        expect((await outbox.stats()).inFlight).toBe(3);
        for (let next = 0; next < 9; next += 1) {
          await until(() => sendx.started.length > next);
          expect(sendx.started.length).toBeLessThanOrEqual(next + 3);
          sendx.answer(sendx.started[next] ?? '', done);
        }
        await emptied(outbox);
      });

      it('takes nothing while the gate is shut', async () => {
        await outbox.append([increment('a')]);
        const sendx = upstream();
        let entered = 0;
        const ran = outbox.run(sendx.deliver, {
          enter: (signal) => {
            entered += 1;
            return new Promise((_, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason));
            });
          },
        });
        await until(() => entered === 1);
        await outbox.close(0);
        await ran;
        expect(sendx.attempts).toEqual([]);
        outbox = await rig.open();
        expect(await outbox.stats()).toMatchObject({ waiting: 1, dead: 0 });
      });

      it('tells the gate what each attempt brought', async () => {
        await outbox.append([track('a')]);
        const down = { kind: 'retry', scope: 'upstream', afterMs: 20 } as const;
        const sendx = upstream({ a: [down, down] });
        const gate = gateOf();
        const brought: unknown[] = [];
        void outbox.run(sendx.deliver, {
          async enter(signal) {
            const permit = await gate.enter(signal);
            return {
              leave(verdict) {
                if (verdict !== undefined) brought.push(verdict);
                permit.leave(verdict);
              },
            };
          },
        });
        await emptied(outbox);
        expect(brought).toEqual([down, down, done]);
      });

      it('goes on when a delivery throws', async () => {
        await outbox.append([track('a'), track('b', 'b@example.com')]);
        const sendx = upstream();
        void outbox.run(async (delivery) => {
          if (delivery.message.id === 'a') throw new Error('a bug');
          return sendx.deliver(delivery);
        }, gateOf(1));
        await until(() => sendx.settled.includes('b'));
        await expect.poll(() => outbox.stats()).toMatchObject({ waiting: 1, dead: 0 });
      });

      it('delivers every message of many lanes once and in order', async () => {
        const lanes = Array.from({ length: 40 }, (_, lane) => `${lane}@example.com`);
        const messages = Array.from({ length: 10 }, (_, n) => n).flatMap((n) =>
          lanes.map((email, lane) => track(`${lane}-${n}`, email)),
        );
        const sendx = upstream();
        void outbox.run(sendx.deliver, gateOf(16));
        await Promise.all(
          [0, 100, 200, 300].map((from) => outbox.append(messages.slice(from, from + 100))),
        );
        await emptied(outbox);
        expect(sendx.settled).toHaveLength(400);
        for (const [lane, email] of lanes.entries()) {
          expect(sendx.of(email)).toEqual(Array.from({ length: 10 }, (_, n) => `${lane}-${n}`));
        }
      }, 60_000);
    });

    describe('lanes', () => {
      it('are named by a hash that does not show the address', async () => {
        const lane = outbox.laneOf('jane@example.com');
        expect(lane).toMatch(/^[0-9a-f]{16}$/);
        expect(outbox.laneOf('JANE@Example.com')).toBe(lane);
        expect(outbox.laneOf('john@example.com')).not.toBe(lane);
        await reopen();
        expect(outbox.laneOf('jane@example.com')).toBe(lane);
      });

      it('differ between stores', async () => {
        const other = await makeRig();
        try {
          const lane = (await other.open()).laneOf('jane@example.com');
          expect(lane).not.toBe(outbox.laneOf('jane@example.com'));
        } finally {
          await other.dispose();
        }
      });

      it('are the same for an address however it is written', async () => {
        await outbox.append([track('a1', 'JANE@example.com'), track('a2')]);
        const sendx = manual();
        void outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.started.length === 1);
        await outbox.append([track('b', 'b@example.com')]);
        await until(() => sendx.started.includes('b'));
        expect(sendx.started).toEqual(['a1', 'b']);
      });

      it('are joined by a rename: the new address waits for it', async () => {
        await outbox.append([
          rename('r', 'old@example.com', 'New@example.com'),
          track('n', 'new@example.com'),
          track('x', 'x@example.com'),
        ]);
        await outbox.append([track('n2', 'new@example.com')]);
        const sendx = upstream({ r: [retry(150), retry(150)] });
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(sendx.attempts.filter((id) => id !== 'x')).toEqual(['r', 'r', 'r', 'n', 'n2']);
        expect(new Set(sendx.deliveries.map(({ lane }) => lane)).size).toBe(2);
      });

      it('are joined in the order of arrival where both have messages waiting', async () => {
        await outbox.append([
          track('n1', 'new@example.com'),
          track('o1', 'old@example.com'),
          track('n2', 'new@example.com'),
          rename('r', 'old@example.com', 'new@example.com'),
          track('n3', 'new@example.com'),
          track('o2', 'old@example.com'),
        ]);
        const sendx = upstream({ n1: [retry(50)], n2: [retry(50)], r: [retry(50)] });
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(sendx.settled).toEqual(['n1', 'o1', 'n2', 'r', 'n3', 'o2']);
      });

      it('that are joined while both are in flight start nothing until both have landed', async () => {
        await outbox.append([track('o1', 'old@example.com'), track('n1', 'new@example.com')]);
        await outbox.append([track('n2', 'new@example.com')]);
        const sendx = manual();
        void outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.started.length === 2);
        await outbox.append([rename('r', 'old@example.com', 'new@example.com')]);
        sendx.answer('o1', done);
        await outbox.append([track('x', 'x@example.com')]);
        await until(() => sendx.started.includes('x'));
        expect(sendx.started.toSorted()).toEqual(['n1', 'o1', 'x']);
        sendx.answer('n1', retry(20));
        await until(() => sendx.started.filter((id) => id === 'n1').length === 2);
        sendx.answer('n1', done);
        await until(() => sendx.started.includes('n2'));
        expect(sendx.started).not.toContain('r');
        sendx.answer('n2', done);
        await until(() => sendx.started.includes('r'));
        sendx.answer('r', done);
        sendx.answer('x', done);
      });

      it('are joined through a chain of renames and back', async () => {
        await outbox.append([
          rename('r1', 'a@example.com', 'b@example.com'),
          rename('r2', 'b@example.com', 'c@example.com'),
          track('c1', 'c@example.com'),
          rename('r3', 'c@example.com', 'a@example.com'),
          track('a1', 'a@example.com'),
          track('b1', 'b@example.com'),
        ]);
        const sendx = upstream({ r1: [retry(50)], r2: [retry(50)], r3: [retry(50)] });
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(sendx.settled).toEqual(['r1', 'r2', 'c1', 'r3', 'a1', 'b1']);
      });

      it('stay joined after a restart', async () => {
        await outbox.append([rename('r', 'old@example.com', 'new@example.com')]);
        await reopen();
        await outbox.append([track('n', 'new@example.com')]);
        const sendx = upstream({ r: [retry(100)] });
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(sendx.attempts).toEqual(['r', 'r', 'n']);
      });
    });

    describe('dead letters', () => {
      it('leave their lane and keep why they died', async () => {
        const before = Date.now();
        await outbox.append([track('a1'), track('a2')]);
        const sendx = upstream({ a1: [retry(1), dead('no such list')] });
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(sendx.attempts).toEqual(['a1', 'a1', 'a2']);
        const letter = await outbox.dead.get('a1');
        expect(letter).toEqual({
          message: track('a1'),
          lane: outbox.laneOf('jane@example.com'),
          reason: 'rejected',
          detail: 'no such list',
          diedAt: expect.any(Number),
          attempts: 2,
        });
        expect(Math.abs((letter?.diedAt ?? 0) - before)).toBeLessThan(10_000);
        expect(await outbox.stats()).toMatchObject({ waiting: 0, dead: 1 });
        expect(await outbox.dead.get('a2')).toBeUndefined();
      });

      it('are listed oldest first, as many as asked for', async () => {
        await outbox.append([track('a'), track('b'), track('c')]);
        void outbox.run(async () => ({ kind: 'dead', reason: 'expired' }), gateOf());
        await emptied(outbox);
        expect(ids(await outbox.dead.list())).toEqual(['a', 'b', 'c']);
        expect(ids(await outbox.dead.list(2))).toEqual(['a', 'b']);
        expect((await outbox.dead.list())[0]).not.toHaveProperty('detail');
      });

      it('go back to the end of their lane', async () => {
        await outbox.append([track('a1'), track('a2'), track('a3')]);
        const sendx = upstream({ a1: [dead()], a2: [retry(60_000)] });
        void outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.attempts.includes('a2'));
        await expect.poll(() => outbox.dead.retry('a1')).toBe(true);
        expect(await outbox.stats()).toMatchObject({ waiting: 3, dead: 0 });
        await outbox.close(0);
        expect(sendx.attempts).toEqual(['a1', 'a2']);
        outbox = await rig.open();
        expect(await outbox.append([track('a1')])).toEqual(['duplicate']);
      });

      it('are delivered when retried', async () => {
        await outbox.append([track('a')]);
        const sendx = upstream({ a: [dead()] });
        void outbox.run(sendx.deliver, gateOf());
        await emptied(outbox);
        expect(await outbox.dead.retry('a')).toBe(true);
        await until(() => sendx.settled.includes('a'));
        await emptied(outbox);
        expect(sendx.deliveries[1]).toMatchObject({ message: track('a'), attempt: 1 });
        expect(await outbox.dead.retry('a')).toBe(false);
      });

      it('go when dropped', async () => {
        await outbox.append([track('a')]);
        void outbox.run(upstream({ a: [dead()] }).deliver, gateOf());
        await emptied(outbox);
        expect(await outbox.dead.drop('a')).toBe(true);
        expect(await outbox.dead.drop('a')).toBe(false);
        expect(await outbox.dead.list()).toEqual([]);
        expect((await outbox.stats()).dead).toBe(0);
      });

      it('count as rows, and are still duplicates', async () => {
        await reopen({ maxRows: 1 });
        await outbox.append([track('a')]);
        void outbox.run(upstream({ a: [dead()] }).deliver, gateOf());
        await emptied(outbox);
        expect(await outbox.append([track('a')])).toEqual(['duplicate']);
        await expect(outbox.append([track('b')])).rejects.toThrow(OutboxFull);
      });

      it('are bounded: the oldest goes', async () => {
        await reopen({ maxDead: 2 });
        await outbox.append([track('a'), track('b'), track('c')]);
        void outbox.run(async () => dead(), gateOf());
        await emptied(outbox);
        expect(ids(await outbox.dead.list())).toEqual(['b', 'c']);
        expect((await outbox.stats()).dead).toBe(2);
      });
    });

    describe('increments', () => {
      it('are tried again when SendX surely did not apply them', async () => {
        await outbox.append([increment('i')]);
        const sendx = upstream({ i: [retry(5), retry(60_000)] });
        void outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.attempts.length === 2);
        await reopen();
        expect(await outbox.stats()).toMatchObject({ waiting: 1, dead: 0 });
      });

      it('are never tried twice when their delivery breaks off', async () => {
        await outbox.append([increment('i'), track('a')]);
        const sendx = upstream();
        void outbox.run(async (delivery) => {
          if (delivery.message.id === 'i') throw new Error('a bug');
          return sendx.deliver(delivery);
        }, gateOf());
        await emptied(outbox);
        expect(sendx.attempts).toEqual(['a']);
        expect(await outbox.dead.get('i')).toMatchObject({ reason: 'ambiguous' });
      });

      it('become dead letters when the outbox closes over them, and nothing else does', async () => {
        await outbox.append([increment('i'), track('b', 'b@example.com')]);
        void outbox.run(() => new Promise(() => {}), gateOf());
        await expect.poll(async () => (await outbox.stats()).inFlight).toBe(2);
        await reopen();
        await expect
          .poll(() => outbox.dead.get('i'))
          .toMatchObject({ reason: 'ambiguous', attempts: 1 });
        const again = upstream();
        void outbox.run(again.deliver, gateOf());
        await emptied(outbox);
        expect(again.attempts).toEqual(['b']);
      });
    });

    describe('close', () => {
      it('lets what is in flight finish and keeps its verdict', async () => {
        await outbox.append([track('a1'), track('a2'), increment('i', 'i@example.com')]);
        const sendx = manual();
        const ran = outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.started.length === 2);
        const closed = outbox.close(10_000);
        sendx.answer('a1', done);
        sendx.answer('i', retry(1));
        await closed;
        await ran;
        expect(sendx.started).not.toContain('a2');
        outbox = await rig.open();
        const again = upstream();
        void outbox.run(again.deliver, gateOf());
        await emptied(outbox);
        expect(again.attempts.toSorted()).toEqual(['a2', 'i']);
      });

      it('aborts what is in flight when its grace has run out', async () => {
        await outbox.append([track('a')]);
        let aborted = false;
        const ran = outbox.run(
          ({ signal }) =>
            new Promise((resolve) => {
              signal.addEventListener('abort', () => {
                aborted = true;
                resolve(retry(0));
              });
            }),
          gateOf(),
        );
        await expect.poll(async () => (await outbox.stats()).inFlight).toBe(1);
        expect(aborted).toBe(false);
        await outbox.close(20);
        await ran;
        expect(aborted).toBe(true);
      });

      it('does not wait for a delivery that ignores the abort', async () => {
        await outbox.append([track('a')]);
        const ran = outbox.run(() => new Promise(() => {}), gateOf());
        await expect.poll(async () => (await outbox.stats()).inFlight).toBe(1);
        await outbox.close(0);
        await ran;
        outbox = await rig.open();
        expect((await outbox.stats()).waiting).toBe(1);
      });

      it('can be called twice, and before run', async () => {
        await Promise.all([outbox.close(0), outbox.close(0)]);
        await expect(outbox.append([track('a')])).rejects.toThrow(/closed/);
      });
    });

    describe('stats', () => {
      it('count what waits, in flight or not, and what is dead', async () => {
        await outbox.append([track('a1'), track('a2'), track('b', 'b@example.com')]);
        const sendx = manual();
        void outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.started.length === 2);
        expect(await outbox.stats()).toMatchObject({ waiting: 3, inFlight: 2, dead: 0 });
        sendx.answer('b', dead());
        await expect.poll(() => outbox.stats()).toMatchObject({ waiting: 2, inFlight: 1, dead: 1 });
      });

      it('give the age of the oldest', async () => {
        expect((await outbox.stats()).oldestMs).toBe(0);
        await outbox.append([track('a')]);
        await expect
          .poll(async () => (await outbox.stats()).oldestMs, { timeout: 5_000 })
          .toBeGreaterThanOrEqual(30);
      });

      it('survive a restart', async () => {
        await outbox.append([track('a'), track('b')]);
        void outbox.run(upstream({ a: [dead()], b: [retry(60_000)] }).deliver, gateOf());
        await expect.poll(() => outbox.stats()).toMatchObject({ waiting: 1, dead: 1 });
        await reopen();
        expect(await outbox.stats()).toMatchObject({ waiting: 1, inFlight: 0, dead: 1 });
      });
    });

    describe('erase', () => {
      it('forgets what waits, what is dead and what was seen of a contact alone', async () => {
        await outbox.append([
          track('a1'),
          track('a2'),
          track('b1', 'b@example.com'),
          track('b2', 'b@example.com'),
        ]);
        const sendx = upstream({ a1: [dead()], a2: [retry(60_000)], b1: [retry(60_000)] });
        void outbox.run(sendx.deliver, gateOf());
        await expect.poll(() => outbox.stats()).toMatchObject({ waiting: 3, inFlight: 0, dead: 1 });
        expect(await outbox.erase('Jane@example.com')).toBe(2);
        expect(await outbox.stats()).toMatchObject({ waiting: 2, dead: 0 });
        expect(await outbox.append([track('b1', 'b@example.com')])).toEqual(['duplicate']);
        expect(await outbox.append([track('a1')])).toEqual(['stored']);
        await until(() => sendx.attempts.filter((id) => id === 'a1').length === 2);
      });

      it('ignores what becomes of a message in flight', async () => {
        await outbox.append([track('a1')]);
        const sendx = manual();
        void outbox.run(sendx.deliver, gateOf());
        await until(() => sendx.started.length === 1);
        expect(await outbox.erase('jane@example.com')).toBe(1);
        expect((await outbox.stats()).waiting).toBe(0);
        sendx.answer('a1', dead());
        await outbox.append([track('a2')]);
        await until(() => sendx.started.includes('a2'));
        sendx.answer('a2', done);
        await emptied(outbox);
        expect(await outbox.dead.list()).toEqual([]);
      });

      it('reaches a renamed contact by either address', async () => {
        for (const email of ['old@example.com', 'new@example.com']) {
          await outbox.append([
            track('n1', 'new@example.com'),
            rename('r', 'old@example.com', 'new@example.com'),
            track('n2', 'new@example.com'),
          ]);
          expect(await outbox.erase(email)).toBe(3);
          expect((await outbox.stats()).waiting).toBe(0);
        }
        const sendx = manual();
        void outbox.run(sendx.deliver, gateOf());
        await outbox.append([track('o', 'old@example.com'), track('n', 'new@example.com')]);
        await until(() => sendx.started.length === 2);
      });

      it('finds nothing of a stranger', async () => {
        await outbox.append([track('a')]);
        expect(await outbox.erase('stranger@example.com')).toBe(0);
        expect((await outbox.stats()).waiting).toBe(1);
      });

      it('copes with a contact of thousands of messages', async () => {
        for (let batch = 0; batch < 20; batch += 1) {
          await outbox.append(Array.from({ length: 100 }, (_, n) => track(`${batch}-${n}`)));
        }
        expect(await outbox.erase('jane@example.com')).toBe(2_000);
        expect(await outbox.append([track('0-0'), track('19-99')])).toEqual(['stored', 'stored']);
      }, 60_000);
    });
  });
}
