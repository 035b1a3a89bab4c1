/** One row of the list. A field is null if the list has no such column. */
export interface Instrument {
  /** The token to subscribe with: an integer from 1 to 2³²−1. */
  instrumentToken: number;
  /** The exchange's own number for it. */
  exchangeToken: number | null;
  /** The short name: `INFY`, `NIFTY26DECFUT`. */
  tradingsymbol: string | null;
  /** In words: `INFOSYS`. For a derivative, the name of its underlying: `NIFTY`. */
  name: string | null;
  /** In rupees, when the list was made: 0 for most instruments. */
  lastPrice: number | null;
  /** `YYYY-MM-DD`; null if it does not expire. */
  expiry: string | null;
  /** In rupees; 0 unless it is an option. */
  strike: number | null;
  /** The smallest change of the price, in rupees. */
  tickSize: number | null;
  /** Quantities are multiples of this. */
  lotSize: number | null;
  /** `EQ`, `FUT`, `CE` or `PE`. */
  instrumentType: string | null;
  /** `NSE`, `INDICES`, `NFO-OPT` and so on. */
  segment: string | null;
  /** `NSE`, `BSE`, `NFO`, `BFO`, `CDS`, `BCD`, `MCX`, `NCO` and so on. */
  exchange: string | null;
  /** The cells of unknown columns, by the header's names. Empty if there are none. */
  extra: Readonly<Record<string, string>>;
}
