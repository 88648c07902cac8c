import { attempt } from './attempt.ts';

/**
 * JSON of a record, free of what the page did to prototypes: a copy without one inherits no
 * `Object.prototype.toJSON`.
 */
export const encode = (record: object): string => JSON.stringify({ __proto__: null, ...record });

/** The value of a JSON text, `undefined` where it is none. */
export const decode = (text: string | undefined): unknown =>
  attempt(() => text && JSON.parse(text));
