import type { Context } from 'hono';
import { type Asset, type Assets, answerAsset, type Freshness } from './http/assets.ts';

/** One path at which a script is served. */
export interface ScriptRoute {
  readonly path: string;
  readonly answer: (c: Context) => Response;
}

/** Two paths for every script of the build: the current one, and that of its version for good. */
export function createScriptRoutes({ version, files }: Assets): readonly ScriptRoute[] {
  return [...files].flatMap(([name, asset]) => [
    { path: `/v1/${name}`, answer: answerWith(asset, 'evergreen') },
    { path: `/${version}/${name}`, answer: answerWith(asset, 'immutable') },
  ]);
}

const answerWith =
  (asset: Asset, freshness: Freshness) =>
  (c: Context): Response => {
    const answer = answerAsset(asset, freshness, {
      acceptEncoding: c.req.header('accept-encoding'),
      ifNoneMatch: c.req.header('if-none-match'),
    });
    return answer.status === 200
      ? c.body(answer.body, 200, answer.headers)
      : c.body(null, 304, answer.headers);
  };
