import { LOG_LEVELS } from '../log/logLevel.ts';
import type { Settings, Variable } from '../settings.ts';
import {
  integer,
  optionalInteger,
  parseApiKey,
  parseBoolean,
  parseFields,
  parseLogLevel,
  parseOptional,
  parseOrigins,
  parseOutbox,
  parsePatterns,
  parseSecrets,
  parseText,
  parseUrl,
} from './variableParsers.ts';

/** Every environment variable by the setting it fills; README's table is made from it. */
export const variables: { readonly [K in keyof Settings]: Variable<Settings[K]> } = {
  apiKey: {
    name: 'SENDX_API_KEY',
    meaning: 'The API key of the SendX team.',
    example: 'your-api-key',
    required: true,
    secret: true,
    parse: parseApiKey,
  },
  teamId: {
    name: 'SENDX_TEAM_ID',
    meaning: 'The team id; set it where the account uses the older API with `team_id`.',
    example: 'CLdh9Ig5GLIN1u8gTRvoja',
    parse: parseOptional,
  },
  apiUrl: {
    name: 'SENDX_API_URL',
    meaning:
      'Base URL of SendX, if not the public one; without a path the path of the API is added.',
    example: 'http://localhost:8788',
    parse: parseUrl,
  },
  allowedOrigins: {
    name: 'ALLOWED_ORIGINS',
    meaning:
      'Sites whose pages may call, separated by commas; `https://*.example.com` stands for every host below example.com.',
    example: 'https://www.example.com,https://*.example.org',
    required: true,
    parse: parseOrigins,
  },
  publicUrl: {
    name: 'PUBLIC_URL',
    meaning: 'Where browsers reach this proxy; the install page writes it into what it shows.',
    example: 'https://t.example.com',
    parse: parseUrl,
  },
  allowedTags: {
    name: 'ALLOWED_TAGS',
    meaning:
      'Tags that any visitor may add or remove, separated by commas; `*` at the end stands for any ending, `*` alone for any tag.',
    example: 'newsletter,viewed-*',
    required: true,
    parse: parsePatterns,
  },
  protectedTags: {
    name: 'PROTECTED_TAGS',
    meaning: 'Tags that only a signed visitor may add or remove, in the form of ALLOWED_TAGS.',
    example: 'customer,plan-*',
    parse: parsePatterns,
  },
  allowedFields: {
    name: 'ALLOWED_FIELDS',
    meaning: 'Custom fields that may be set, in the form of ALLOWED_TAGS; `none` for none.',
    default: '*',
    example: 'Age,utm_*',
    parse: parseFields,
  },
  identitySecrets: {
    name: 'IDENTITY_SECRETS',
    meaning:
      'Secrets of at least 16 characters that signatures are verified by, separated by commas; the first is the current one.',
    example: 'a-long-random-string,the-one-before-it',
    secret: true,
    parse: parseSecrets,
  },
  requireSignature: {
    name: 'REQUIRE_SIGNATURE',
    meaning: 'Refuse every message without a signature.',
    default: 'false',
    example: 'true',
    parse: parseBoolean,
  },
  unsignedRename: {
    name: 'UNSIGNED_RENAME',
    meaning: 'Let unsigned visitors change the address of any contact (newEmail).',
    default: 'false',
    example: 'true',
    parse: parseBoolean,
  },
  unsignedIncrements: {
    name: 'UNSIGNED_INCREMENTS',
    meaning: 'Let unsigned visitors add to and subtract from numbers (`++5`, `--5`).',
    default: 'false',
    example: 'true',
    parse: parseBoolean,
  },
  outbox: {
    name: 'OUTBOX',
    meaning:
      'Where messages wait: `sqlite:<path>`, a `postgres://` URL, or `direct` to store nothing.',
    default: 'sqlite:data/outbox.sqlite',
    example: 'postgres://sendx:password@db/sendx',
    secret: true,
    parse: parseOutbox,
  },
  host: {
    name: 'HOST',
    meaning: 'Address to listen on.',
    default: '0.0.0.0',
    example: '127.0.0.1',
    parse: parseText,
  },
  port: {
    name: 'PORT',
    meaning: 'Port to listen on.',
    default: '8787',
    example: '80',
    parse: integer(0, 65_535),
  },
  adminHost: {
    name: 'ADMIN_HOST',
    meaning: 'Address of the admin port. Whoever reaches it can read and drop dead letters.',
    default: '127.0.0.1',
    example: '0.0.0.0',
    parse: parseText,
  },
  adminPort: {
    name: 'ADMIN_PORT',
    meaning: 'Port for health, metrics and dead letters.',
    default: '8789',
    example: '9090',
    parse: integer(0, 65_535),
  },
  trustedHops: {
    name: 'TRUSTED_HOPS',
    meaning:
      'How many proxies of yours stand in front: the visitor is that entry of X-Forwarded-For, counted from the right. 0 ignores the header.',
    default: '0',
    example: '1',
    parse: integer(0, 16),
  },
  rateIp: {
    name: 'RATE_LIMIT_IP',
    meaning:
      'Messages a minute from one IPv4 address or IPv6 /64; a request counts as one at least. 0 is no limit.',
    default: '600',
    example: '120',
    parse: integer(0, 1_000_000),
  },
  rateContact: {
    name: 'RATE_LIMIT_CONTACT',
    meaning: 'Messages a minute about one contact; what is over comes later. 0 is no limit.',
    default: '120',
    example: '60',
    parse: integer(0, 1_000_000),
  },
  maxConcurrency: {
    name: 'SENDX_MAX_CONCURRENCY',
    meaning: 'Requests to SendX at one time.',
    default: '8',
    example: '4',
    parse: integer(1, 1000),
  },
  ratePerSecond: {
    name: 'SENDX_RATE_PER_SECOND',
    meaning: 'Requests to SendX a second; unset is no limit, 429 is obeyed in any case.',
    example: '10',
    parse: optionalInteger(1, 10_000),
  },
  shutdownSeconds: {
    name: 'SHUTDOWN_SECONDS',
    meaning: 'How long a shutdown waits for requests and deliveries in flight.',
    default: '10',
    example: '25',
    parse: integer(0, 600),
  },
  logLevel: {
    name: 'LOG_LEVEL',
    meaning: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    default: 'info',
    example: 'warn',
    parse: parseLogLevel,
  },
};
