/** A string that tells itself to nobody who did not ask: printed, logged or sent it reads `[secret]`. */
export interface Secret {
  /** The string itself. Call it where it is used and keep the result nowhere. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

const MASK = '[secret]';

/** Wraps `value`; it lives in a closure, so that no enumeration, inspection or clone finds it. */
export function createSecret(value: string): Secret {
  const masked = {
    reveal: () => value,
    toString: () => MASK,
    toJSON: () => MASK,
    // Node's console.log and util.inspect.
    [Symbol.for('nodejs.util.inspect.custom')]: () => MASK,
  };
  return Object.freeze(masked);
}
