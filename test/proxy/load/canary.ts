/** In every address, name, key and secret of the load: what holds it nowhere has leaked none. */
export const CANARY = 'canary';

/** The key that only SendX may see. */
export const API_KEY = `${CANARY}-api-key-of-the-team`;

/** Signs nothing here; it is there to be leaked. */
export const IDENTITY_SECRET = `${CANARY}-secret-of-the-site`;

/** The address of one visitor, which names them in words that occur nowhere else. */
export const addressOf = (visitor: string): string => `${visitor}.${CANARY}@${CANARY}.example`;
