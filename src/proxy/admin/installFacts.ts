import type { Asset, Assets } from '../http/assets.ts';
import { isLoopback } from '../http/loopback.ts';
import type { Settings } from '../settings.ts';

/** What the install page knows of this proxy. */
export interface InstallFacts {
  readonly version: string;
  /** Origin and path before `/v1`, without a slash at the end; `undefined` where nobody knows. */
  readonly publicUrl: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly allowedTags: readonly string[];
  readonly protectedTags: readonly string[];
  readonly allowedFields: readonly string[];
  /** What is pasted inline. */
  readonly stub: string;
  /** The stub as a source expression of a content security policy. */
  readonly stubHash: string;
  /** What a tag manager runs behind the stub; `%SCRIPT%` stands for the script's address. */
  readonly loader: string;
  /** Subresource Integrity hash of the script. */
  readonly integrity: string;
}

type AddressSettings = Pick<Settings, 'publicUrl' | 'allowedOrigins' | 'port'>;
type NameSettings = Pick<Settings, 'allowedTags' | 'protectedTags' | 'allowedFields'>;

/** Reads the facts from build and settings; a build without stub or script has empty texts. */
export async function readInstallFacts(
  assets: Assets,
  settings: AddressSettings & NameSettings,
): Promise<InstallFacts> {
  const stub = textOf(assets.files.get('stub.js'));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(stub));
  return {
    version: assets.version,
    publicUrl: settings.publicUrl?.replace(/\/+$/, '') ?? ownAddress(settings),
    allowedOrigins: settings.allowedOrigins,
    allowedTags: settings.allowedTags,
    protectedTags: settings.protectedTags,
    allowedFields: settings.allowedFields,
    stub,
    stubHash: `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`,
    loader: textOf(assets.files.get('loader.js')),
    integrity: assets.files.get('sendx.js')?.integrity ?? '',
  };
}

/** Only sites of this computer may call, so that is where the proxy is tried out. */
const ownAddress = ({ allowedOrigins, port }: AddressSettings): string | undefined =>
  port > 0 && allowedOrigins.every((origin) => isLoopback(origin.replace(/^\w+:\/\//, '')))
    ? `http://localhost:${port}`
    : undefined;

const textOf = (asset: Asset | undefined): string =>
  asset ? new TextDecoder().decode(asset.body).trim() : '';
