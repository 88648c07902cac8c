import type { Surface } from './surface.ts';

/** `https://app.sendx.io/api/v1`, the surface of the first-generation clients. */
export const legacy: Surface = {
  name: 'legacy',
  root: '/api/v1',
  authorises: (headers, query, { apiKey, teamId }) =>
    headers.get('api_key') === apiKey && query.get('team_id') === teamId,
  trackEmail: (query) => query.get('email') ?? undefined,
  identified: (contact) => ({ data: contact }),
  tracked: { data: 'success' },
};
