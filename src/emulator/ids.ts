const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Length of SendX's encrypted ids. */
const LENGTH = 22;

/**
 * Makes ids that look like SendX's encrypted ids.
 *
 * @param random - From 0 up to 1.
 */
export const createIds = (random: () => number) => (): string =>
  Array.from({ length: LENGTH }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join('');
