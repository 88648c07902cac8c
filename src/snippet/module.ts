import type { Sendx } from './sendx.ts';
import { install } from './tracker.ts';

if (typeof window !== 'undefined') install(window, null);

/**
 * `window.sendx` for those who bundle: installs it once, and does nothing on a server.
 *
 * @example
 * import { sendx } from 'sendx-snippet';
 * sendx('config', { endpoint: 'https://t.example.com/v1/messages' });
 * sendx('identify', { email: 'jane@example.com' });
 */
export const sendx: Sendx = (...call: unknown[]) => {
  if (typeof window !== 'undefined') (window.sendx as (...call: unknown[]) => void)(...call);
};

export type { ConsentState } from './consent.ts';
export type { DropReason, ErrorReason, EventName } from './events.ts';
export type { Options } from './options.ts';
export type {
  Addressee,
  Callbacks,
  Commands,
  CustomFields,
  EventOf,
  FieldValue,
  IdentifyPayload,
  Increment,
  Sendx,
  Tag,
  Tags,
  TrackPayload,
} from './sendx.ts';
