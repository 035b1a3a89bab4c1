export const API_KEY = 'key-of-the-account';

/** Has every character that must be escaped in a query. */
export const ACCESS_TOKEN = 'a-day+s/token=';
