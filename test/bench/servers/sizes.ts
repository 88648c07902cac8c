/** Messages that the proxy drains in a round, and contacts among whom they are. */
export const DRAINED = 1_500;
export const RECIPIENTS = 1_000;

/** Messages that wait while contacts grow: one of each where they are the most. */
export const SPREAD = 100_000;
