import type { Surface } from './surface.ts';

/** `https://api.sendx.io/api/v1/rest`, the surface that SendX documents today. */
export const rest: Surface = {
  name: 'rest',
  root: '/api/v1/rest',
  authorises: (headers, _query, { apiKey }) => headers.get('x-team-apikey') === apiKey,
  trackEmail: (_query, body) =>
    typeof body === 'object' && body !== null && 'email' in body ? body.email : undefined,
  identified: (contact, rules) => (rules.restData === 'contact' ? { data: contact } : {}),
  tracked: {},
};
