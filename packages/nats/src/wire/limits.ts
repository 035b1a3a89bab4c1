/** The largest number that fits into four bytes. */
export const MAX_U32 = 0xffff_ffff;

/** The largest place of an account in the list of a publisher: a byte of the head. */
export const MAX_ACCOUNT = 0xff;

/** The largest number of a connection: an account has three. */
export const MAX_CONNECTION = 2;
