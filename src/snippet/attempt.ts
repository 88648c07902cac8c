/** What `action` returns, `undefined` where it throws: the page must never hear of it. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
