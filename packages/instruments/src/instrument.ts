/** One row of the list. A field is null where the list has no such column. */
export interface Instrument {
  /** What it is subscribed by: an integer from 1 to 2³²−1. */
  instrumentToken: number;
  /** The exchange's own number for it. */
  exchangeToken: number | null;
  /** The short name: `INFY`, `NIFTY26DECFUT`. */
  tradingsymbol: string | null;
  /** In words: `INFOSYS`. Of a derivative the name of its underlying: `NIFTY`. */
  name: string | null;
  /** In rupees, when the list was made: 0 for most instruments. */
  lastPrice: number | null;
  /** `YYYY-MM-DD`; null for what does not expire. */
  expiry: string | null;
  /** In rupees; 0 for what is no option. */
  strike: number | null;
  /** The smallest change of the price, in rupees. */
  tickSize: number | null;
  /** Quantities are multiples of it. */
  lotSize: number | null;
  /** `EQ`, `FUT`, `CE` or `PE`. */
  instrumentType: string | null;
  /** `NSE`, `INDICES`, `NFO-OPT` and so on. */
  segment: string | null;
  /** `NSE`, `BSE`, `NFO`, `BFO`, `CDS`, `BCD`, `MCX`, `NCO` and so on. */
  exchange: string | null;
  /** The cells of columns that this package does not know, by the header's names. Empty where there is none. */
  extra: Readonly<Record<string, string>>;
}
