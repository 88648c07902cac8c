import { install } from './tracker.ts';

if (typeof window !== 'undefined') install(window);

/**
 * `window.sendx` for those who bundle: installs it once, and does nothing on a server.
 *
 * @example
 * import { sendx } from 'sendx-snippet';
 * sendx('config', { endpoint: 'https://t.example.com/v1/messages' });
 * sendx('identify', { email: 'jane@example.com' });
 */
export const sendx = (...call: unknown[]): void => {
  if (typeof window !== 'undefined')
    (window as { sendx?: (...call: unknown[]) => void }).sendx?.(...call);
};
