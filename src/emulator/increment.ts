/** A change to a number, as `"++5"` and `"--5"` say it. */
export interface Increment {
  readonly sign: 1 | -1;
  /** The number after the sign, such as `"5"` or `"0.25"`. */
  readonly amount: string;
}

/** Digits of one number at most; SendX's text fields end at 255 characters. */
const MAX_DIGITS = 255;

const INCREMENT = /^(\+\+|--)(\d+(?:\.\d+)?)$/;
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/**
 * Reads an increment.
 *
 * @param value - A custom field's value as sent.
 * @returns `undefined` where the value is an ordinary one.
 */
export function parseIncrement(value: string): Increment | undefined {
  const match = INCREMENT.exec(value);
  const amount = match?.[2];
  if (!amount || amount.length > MAX_DIGITS) return undefined;
  return { sign: match[1] === '++' ? 1 : -1, amount };
}

/** Whether a stored value can be added to. */
export const isDecimal = (value: string): boolean =>
  value.length <= MAX_DIGITS && DECIMAL.test(value);

interface Scaled {
  readonly units: bigint;
  readonly places: number;
}

function scaled(value: string): Scaled {
  const [, sign = '', whole = '0', fraction = ''] = DECIMAL.exec(value) ?? [];
  const units = BigInt(whole + fraction);
  return { units: sign === '-' ? -units : units, places: fraction.length };
}

function format(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  const cut = digits.length - places;
  const fraction = digits.slice(cut).replace(/0+$/, '');
  return (units < 0n ? '-' : '') + digits.slice(0, cut) + (fraction && `.${fraction}`);
}

/**
 * Adds an increment exactly: 0.1 and 0.2 make 0.3, as in a ledger and unlike in binary.
 *
 * @param value - A decimal, see {@link isDecimal}.
 */
export function increase(value: string, { sign, amount }: Increment): string {
  const left = scaled(value);
  const right = scaled(amount);
  const places = Math.max(left.places, right.places);
  const units = ({ units: own, places: has }: Scaled) => own * 10n ** BigInt(places - has);
  return format(units(left) + BigInt(sign) * units(right), places);
}
