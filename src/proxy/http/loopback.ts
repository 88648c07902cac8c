/** Names of this machine to itself, with or without brackets and port. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)(?::\d+)?$/i;

/** Whether `host` can be reached from this machine only. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);
