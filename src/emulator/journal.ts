/** One API request, whatever became of it. */
export interface JournalEntry {
  /** Counts from 1 and goes on across resets, so that it names one request for good. */
  readonly seq: number;
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  readonly surface: 'legacy' | 'rest';
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed where it is JSON, else the text as it came, else `null`. */
  readonly body: unknown;
  /** Whether the right API key, and on the legacy surface the right team, came with it. */
  readonly authorised: boolean;
  /** `null` while unanswered, and for good where the connection was cut. */
  readonly status: number | null;
  /** Why the request was turned down, in words; SendX itself would not say. */
  readonly problem?: string;
  /** The fault that hit it, in words. */
  readonly fault?: string;
}

/** Every API request in the order of arrival. */
export interface Journal {
  /** Notes a request that has arrived; returns its `seq`. */
  arrived(entry: Omit<JournalEntry, 'seq' | 'at' | 'status'>): number;
  /** Completes an entry; without effect if it has left or the journal was cleared. */
  settled(seq: number, ending: Partial<Pick<JournalEntry, 'status' | 'problem' | 'fault'>>): void;
  /** Oldest first. */
  entries(): readonly JournalEntry[];
  /** Forgets everything. */
  clear(): void;
}

/** What {@link createJournal} needs. */
export interface JournalOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Entries kept; the oldest leave first. */
  readonly limit: number;
  /** Told of each new and each completed entry. */
  readonly onEntry?: (entry: JournalEntry) => void;
}

/** Opens an empty journal. */
export function createJournal({ clock, limit, onEntry }: JournalOptions): Journal {
  let kept = new Map<number, JournalEntry>();
  let seq = 0;

  function write(entry: JournalEntry): void {
    kept.set(entry.seq, entry);
    onEntry?.(entry);
  }

  return {
    arrived(entry) {
      seq += 1;
      if (kept.size >= limit) kept.delete(seq - limit);
      write({ seq, at: clock(), ...entry, status: null });
      return seq;
    },
    settled(settledSeq, ending) {
      const entry = kept.get(settledSeq);
      if (entry) write({ ...entry, ...ending });
    },
    entries: () => [...kept.values()],
    clear() {
      kept = new Map();
    },
  };
}
