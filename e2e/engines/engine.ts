/** A tab, and what a visitor and a page's own code can do in it. */
export interface Tab {
  /** Opens an address; the document is there, what it loads beside itself perhaps not yet. */
  visit(address: string): Promise<void>;
  /** Evaluates an expression in the page: JSON comes back, promises are awaited. */
  run<Result>(expression: string): Promise<Result>;
  /** A person's click on the first element that the selector finds. */
  click(selector: string): Promise<void>;
  /** A person's typing into what has the focus; a line break is the Enter key. */
  type(text: string): Promise<void>;
  /** As a person closes it: the page may say a last word. */
  close(): Promise<void>;
}

/** A browser that is driven in the same way whichever engine it has. */
export interface Engine {
  /** Product and version. */
  readonly version: string;
  /** All tabs share a profile; a site of another name is another visitor's. */
  open(): Promise<Tab>;
  /** Closes every tab but this one, those too that pages opened. */
  sweep(kept?: Tab): Promise<void>;
  /** Takes the processes from the pages of all tabs: none of them says a word any more. */
  crash(): Promise<void>;
  close(): Promise<void>;
}
