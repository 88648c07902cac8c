/** UTF-16 units of a first name, last name or company: SendX's own bound (its REST schema). */
export const MAX_NAME_LENGTH = 255;

/** Units of a custom field's name or a tag: SendX states none; its text fields hold 255. */
export const MAX_LABEL_LENGTH = 255;

/** Units of a custom field's value; the 8 KiB of a message bound them together. */
export const MAX_VALUE_LENGTH = 2048;

/** Custom fields of one identify at most. */
export const MAX_FIELDS = 100;

/** Tags in one list at most. */
export const MAX_TAGS = 100;

/** Units of a signature; a right one has 64, what is longer is not worth a hash. */
export const MAX_SIGNATURE_LENGTH = 256;

/** Levels of arrays and objects in one message; the deepest allowed, customFields, is the third. */
export const MAX_DEPTH = 8;

/** Messages that one envelope may report as lost, of each kind: the script counts in 16 bits. */
export const MAX_LOST = 65_535;
