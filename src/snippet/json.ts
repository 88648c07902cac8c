import { attempt } from './attempt.ts';

/**
 * JSON of a record, free of what the page did to prototypes: a copy without one inherits no
 * `Object.prototype.toJSON`.
 */
export const encode = (record: object): string => JSON.stringify({ __proto__: null, ...record });

/**
 * The value of a JSON text, `undefined` where it is none. Of no text it is that of `null`: the first
 * exception in a page costs 2 ms (Chromium 156).
 */
export const decode = (text: string | undefined): unknown =>
  attempt(() => JSON.parse(text || (null as never)));
