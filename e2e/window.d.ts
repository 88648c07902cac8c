/** What the pages under test call. */
declare function sendx(...call: unknown[]): void;
