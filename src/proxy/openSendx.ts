import { createSendx, type Sendx } from './sendx/client.ts';
import type { Settings } from './settings.ts';

/** The client of the account that the settings name. */
export function openSendx({
  apiKey,
  teamId,
  apiUrl,
}: Pick<Settings, 'apiKey' | 'teamId' | 'apiUrl'>): Sendx {
  return createSendx({
    apiKey: apiKey.reveal(),
    ...(teamId !== undefined && { teamId }),
    ...(apiUrl !== undefined && { baseUrl: apiUrl }),
  });
}
