import type { Message } from '../../protocol.ts';

/** `"++5"`, `"--2.5"`; wider than SendX documents, for what it makes of `"++ 5"` nobody knows. */
const INCREMENT = /^\s*(?:\+\+|--)\s*[+-]?\.?\d/;

/** Whether a custom field's value adds to or subtracts from a number. */
export const isIncrement = (value: string): boolean => INCREMENT.test(value);

/** Whether a message would count twice if it were delivered twice. */
export const holdsIncrement = (message: Message): boolean =>
  message.type === 'identify' && Object.values(message.traits.customFields ?? {}).some(isIncrement);
