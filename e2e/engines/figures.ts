import type { TestInfo } from 'playwright/test';

/** What became of what visitors said as they left, in one engine by one way. */
export interface Figure {
  readonly departure: string;
  /** Product and version. */
  readonly engine: string;
  /** Calls that were made. */
  readonly said: number;
  /** How many of them SendX had before the visitor came back to a page with the snippet. */
  readonly before: number;
  /** How many it had afterwards. */
  readonly after: number;
  /** How many it had more than once. */
  readonly twice: number;
}

const TYPE = 'figure';

/** Leaves a figure with the test that found it. */
export function note(info: TestInfo, figure: Figure): void {
  info.annotations.push({ type: TYPE, description: JSON.stringify(figure) });
}

/** The figure that a test left; `undefined` where there is none. */
export function noted(annotations: TestInfo['annotations']): Figure | undefined {
  const found = annotations.find(({ type }) => type === TYPE);
  return found?.description ? (JSON.parse(found.description) as Figure) : undefined;
}
