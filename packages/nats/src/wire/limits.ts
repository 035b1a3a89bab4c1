/** The largest number that fits into four bytes. */
export const MAX_U32 = 0xffff_ffff;

/** The largest index of an account in a publisher's list: one byte of the head. */
export const MAX_ACCOUNT = 0xff;

/** The largest number of a connection: an account has three. */
export const MAX_CONNECTION = 2;
