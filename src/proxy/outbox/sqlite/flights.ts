import type { Merge } from './lanes.ts';

/** Which lanes have messages in flight: one each, or two where a rename joined two busy lanes. */
export interface Flights {
  readonly size: number;
  busy(lane: string): boolean;
  depart(seq: number, lane: string): void;
  land(seq: number): void;
  merged(merge: Merge): void;
}

/** Nothing in flight yet. */
export function createFlights(): Flights {
  const laneOf = new Map<number, string>();
  const counts = new Map<string, number>();

  function count(lane: string, change: number): void {
    const left = (counts.get(lane) ?? 0) + change;
    if (left === 0) counts.delete(lane);
    else counts.set(lane, left);
  }

  return {
    get size() {
      return laneOf.size;
    },
    busy: (lane) => counts.has(lane),
    depart(seq, lane) {
      laneOf.set(seq, lane);
      count(lane, 1);
    },
    land(seq) {
      const lane = laneOf.get(seq);
      if (lane === undefined) return;
      laneOf.delete(seq);
      count(lane, -1);
    },
    merged({ from, into }) {
      for (const [seq, lane] of laneOf) {
        if (lane !== from) continue;
        laneOf.set(seq, into);
        count(from, -1);
        count(into, 1);
      }
    },
  };
}
