import type { Message } from '../../../protocol.ts';
import { newEmailOf } from '../newEmail.ts';

/** Messages of one contact, by their places in the batch, in order. */
export interface BatchLane {
  /** Every address that the contact has or gets in this batch. */
  readonly emails: ReadonlySet<string>;
  readonly places: readonly number[];
}

/** Splits a batch by contact. A rename makes one lane of the old address and the new one. */
export function splitLanes(messages: readonly Message[]): readonly BatchLane[] {
  const laneOf = new Map<string, BatchLane>();
  messages.forEach((message, place) => {
    const { email } = message;
    const newEmail = newEmailOf(message);
    const named = newEmail === undefined ? [email] : [email, newEmail.toLowerCase()];
    const known = new Set(named.flatMap((address) => laneOf.get(address) ?? []));
    const lane = {
      emails: new Set([...named, ...[...known].flatMap(({ emails }) => [...emails])]),
      places: [...[...known].flatMap(({ places }) => places).sort((a, b) => a - b), place],
    };
    for (const address of lane.emails) laneOf.set(address, lane);
  });
  return [...new Set(laneOf.values())];
}
