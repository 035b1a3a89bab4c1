/** The largest number that fits into four bytes. */
export const MAX_U32 = 0xffff_ffff;
