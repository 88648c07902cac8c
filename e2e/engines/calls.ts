/** Calls that together hold everything a call may hold. */
export const calls = (email: string): string => `
  sendx('identify', {
    email: '${email}', firstName: 'Jane', birthday: '1990-02-03',
    customFields: { Age: 29, Plan: 'Pro' }, tags: ['newsletter', 'two words'],
  });
  sendx('track', { addTags: ['added', 'gone'] });
  sendx('track', { removeTags: ['gone'] });`;

/** What SendX receives of {@link calls}, in short. */
export const IN_ORDER = ['identify newsletter,two words', 'track added,gone', 'track -gone'];

/** The contact after {@link calls}. */
export const CONTACT = {
  firstName: 'Jane',
  birthday: '1990-02-03',
  customFields: { Age: '29', Plan: 'Pro' },
  tags: ['newsletter', 'two words', 'added'],
};

/** A script element; `attributes` begin with a space. */
export const script = (text: string, attributes = ''): string =>
  `<script${attributes}>${text}</script>`;

/** Remembers what goes wrong on a page: uncaught errors and rejections. */
export const witness = (attributes = ''): string =>
  script(
    `window.complaints = [];
    addEventListener('error', ({ message }) => { complaints.push(message); });
    addEventListener('unhandledrejection', ({ reason }) => { complaints.push(String(reason)); });`,
    attributes,
  );

/** A track that leaves at once, instead of waiting for company; of the known visitor or of `email`. */
export const lastWord = (tag: string, email?: string): string =>
  `(sendx('track', ${JSON.stringify({ email, addTags: [tag] })}), sendx('flush'))`;

/**
 * What a page with a {@link witness} answers where nothing went wrong. No text and no list: drivers
 * carry them by the page's own `toJSON`.
 */
export const CALM = 'complaints.length === 0 || complaints.join()';
