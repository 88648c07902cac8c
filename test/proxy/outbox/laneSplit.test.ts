import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLanes } from '../../../src/proxy/outbox/direct/laneSplit.ts';
import { rename, track } from './scripted.ts';

describe('splitLanes', () => {
  const email = fc.constantFrom('a@x.io', 'b@x.io', 'c@x.io', 'd@x.io');
  const batch = fc
    .array(fc.record({ from: email, to: fc.option(email, { nil: undefined }) }))
    .map((steps) =>
      steps.map(({ from, to }, index) =>
        to === undefined ? track(`${index}`, from) : rename(`${index}`, from, to),
      ),
    );

  it('puts every message in one lane, in order, and no address in two', () => {
    fc.assert(
      fc.property(batch, (messages) => {
        const lanes = splitLanes(messages);
        const places = lanes.flatMap((lane) => lane.places);
        expect([...places].sort((a, b) => a - b)).toEqual(messages.map((_, index) => index));
        const named = lanes.flatMap((lane) => [...lane.emails]);
        expect(new Set(named).size).toBe(named.length);
        for (const lane of lanes) {
          expect(lane.places).toEqual([...lane.places].sort((a, b) => a - b));
          for (const place of lane.places) {
            expect(lane.emails).toContain(messages[place]?.email);
          }
        }
      }),
    );
  });

  it('keeps apart what no rename joins', () => {
    fc.assert(
      fc.property(batch, (messages) => {
        const plain = messages.map((message) => track(message.id, message.email));
        expect(splitLanes(plain)).toHaveLength(new Set(plain.map(({ email }) => email)).size);
      }),
    );
  });
});
