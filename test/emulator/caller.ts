import type { Emulator } from '../../src/emulator/emulator.ts';

/** What came back. */
export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** Calls one surface of an emulator as a client of SendX does, with the right credentials. */
export interface Caller {
  identify(body: unknown): Promise<Answered>;
  track(email: string | undefined, body: object): Promise<Answered>;
}

async function answered(response: Response): Promise<Answered> {
  return { status: response.status, body: await response.json(), headers: response.headers };
}

/** Calls the legacy surface in process. */
export function createLegacyCaller({ fetch, apiKey, teamId }: Emulator): Caller {
  const post = async (route: string, query: Record<string, string>, body: unknown) =>
    answered(
      await fetch(`http://sendx/api/v1/contact/${route}?${new URLSearchParams(query)}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', api_key: apiKey },
        body: JSON.stringify(body),
      }),
    );
  return {
    identify: (body) => post('identify', { team_id: teamId }, body),
    track: (email, body) =>
      post('track', { team_id: teamId, ...(email !== undefined && { email }) }, body),
  };
}

/** Calls the REST surface in process. */
export function createRestCaller({ fetch, apiKey }: Emulator): Caller {
  const post = async (route: string, body: unknown) =>
    answered(
      await fetch(`http://sendx/api/v1/rest/contact/${route}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Team-ApiKey': apiKey },
        body: JSON.stringify(body),
      }),
    );
  return {
    identify: (body) => post('identify', body),
    track: (email, body) => post('track', { ...(email !== undefined && { email }), ...body }),
  };
}
