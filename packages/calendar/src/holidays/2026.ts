import type { HolidayYear } from '../special-day.js';

// Source: the summaries of NSE and BSE circulars at https://github.com/rhnvrm/stock-market-circulars, not the PDFs.
// The summary of NSE/COM/71784 contradicts itself about which session is open: BSE’s notice of the same day decides.
// No source has the Muhurat hours of Sunday, 2026-11-08: users add that session.

const EQUITY = {
  '2026-01-15': 'Municipal elections in Maharashtra',
  '2026-01-26': 'Republic Day',
  '2026-03-03': 'Holi',
  '2026-03-26': 'Ram Navami',
  '2026-03-31': 'Mahavir Jayanti',
  '2026-04-03': 'Good Friday',
  '2026-04-14': 'Ambedkar Jayanti',
  '2026-05-01': 'Maharashtra Day',
  '2026-05-28': 'Bakri Id',
  '2026-06-26': 'Muharram',
  '2026-09-14': 'Ganesh Chaturthi',
  '2026-10-02': 'Gandhi Jayanti',
  '2026-10-20': 'Dussehra',
  '2026-11-10': 'Diwali Balipratipada',
  '2026-11-24': 'Guru Nanak Jayanti',
  '2026-12-25': 'Christmas',
} as const;

const CURRENCY = {
  ...EQUITY,
  '2026-02-19': 'Chhatrapati Shivaji Maharaj Jayanti',
  '2026-03-19': 'Gudi Padwa',
  '2026-04-01': 'Annual closing of banks',
  '2026-08-26': 'Id-E-Milad',
} as const;

const COMMODITY = {
  '2026-01-01': ['New Year’s Day', 'evening'],
  '2026-01-15': ['Municipal elections in Maharashtra', 'morning'],
  '2026-01-26': 'Republic Day',
  '2026-03-03': ['Holi', 'morning'],
  '2026-03-26': ['Ram Navami', 'morning'],
  '2026-03-31': ['Mahavir Jayanti', 'morning'],
  '2026-04-03': 'Good Friday',
  '2026-04-14': ['Ambedkar Jayanti', 'morning'],
  '2026-05-01': ['Maharashtra Day', 'morning'],
  '2026-05-28': ['Bakri Id', 'morning'],
  '2026-06-26': ['Muharram', 'morning'],
  '2026-09-14': ['Ganesh Chaturthi', 'morning'],
  '2026-10-02': 'Gandhi Jayanti',
  '2026-10-20': ['Dussehra', 'morning'],
  '2026-11-10': ['Diwali Balipratipada', 'morning'],
  '2026-11-24': ['Guru Nanak Jayanti', 'morning'],
  '2026-12-25': 'Christmas',
} as const;

/** A circular of NSE, by its number. */
const nse = (number: string, date: string, what: string) => ({
  reference: `NSE/${number.replace(/(?=\d)/, '/')}, ${what}`,
  date,
  url: `https://nsearchives.nseindia.com/content/circulars/${number}.pdf`,
});

/** A notice of BSE, by its number. */
const bse = (number: string, date: string, what: string) => ({
  reference: `BSE notice ${number}, ${what}`,
  date,
  url: `https://www.bseindia.com/markets/MarketInfo/DownloadAttach.aspx?id=${number}&attachedId=`,
});

const YEAR = 'trading holidays for the calendar year 2026';
const ELECTION = 'trading holiday on 2026-01-15';
const BUDGET = 'live trading on 2026-02-01';

const BUDGET_DAY = { date: '2026-02-01', name: 'Union Budget' } as const;
const BUDGET_MORNING = { ...BUDGET_DAY, open: '09:00', close: '17:00' } as const;

export const DAYS_OF_2026: readonly HolidayYear[] = [
  {
    exchanges: ['NSE'],
    year: 2026,
    sources: [
      nse('CMTR71775', '2025-12-12', YEAR),
      nse('CMTR72260', '2026-01-12', ELECTION),
      nse('CMTR72349', '2026-01-16', BUDGET),
    ],
    holidays: EQUITY,
    sessions: [BUDGET_DAY],
  },
  {
    exchanges: ['NFO'],
    year: 2026,
    sources: [
      nse('FAOP71777', '2025-12-12', YEAR),
      nse('FAOP72262', '2026-01-12', ELECTION),
      nse('FAOP72352', '2026-01-16', BUDGET),
    ],
    holidays: EQUITY,
    sessions: [BUDGET_DAY],
  },
  {
    exchanges: ['BSE', 'BFO'],
    year: 2026,
    sources: [
      bse('20251212-8', '2025-12-12', `${YEAR}, equity and its derivatives`),
      bse('20260112-8', '2026-01-12', ELECTION),
      bse('20260116-33', '2026-01-16', `${BUDGET}, equity`),
      bse('20260116-34', '2026-01-16', `${BUDGET}, equity derivatives`),
    ],
    holidays: EQUITY,
    sessions: [BUDGET_DAY],
  },
  {
    exchanges: ['CDS'],
    year: 2026,
    sources: [nse('CD71962', '2025-12-23', YEAR), nse('CD72233', '2026-01-09', ELECTION)],
    holidays: CURRENCY,
    sessions: [],
  },
  {
    exchanges: ['BCD'],
    year: 2026,
    sources: [bse('20251223-12', '2025-12-23', YEAR), bse('20260109-16', '2026-01-09', ELECTION)],
    holidays: CURRENCY,
    sessions: [],
  },
  {
    exchanges: ['NCO'],
    year: 2026,
    sources: [
      nse('COM71784', '2025-12-15', YEAR),
      bse('20251215-5', '2025-12-15', 'the same days in commodities, and which session is open'),
      nse('COM72263', '2026-01-12', `${ELECTION}, morning session`),
      nse('COM72351', '2026-01-16', `${BUDGET}, morning session`),
    ],
    holidays: COMMODITY,
    sessions: [BUDGET_MORNING],
  },
  {
    exchanges: ['MCX'],
    year: 2026,
    sources: [
      {
        reference: 'CNBC Awaaz on the MCX holiday calendar of 2026',
        date: '2025-12-30',
        url: 'https://one.news18.com/hindi/article/personal-finance/mcx-2026-holidays-new-years-day-morning-trading-open-evening-closed-full-calendar-released-cnh-67160952',
      },
      {
        reference: 'Geojit on 2026-01-15: the evening session of MCX is open',
        date: '2026-01-12',
        url: 'https://notifications.geojit.com/exchange-circulars/others',
      },
      {
        reference: 'Business Upturn on the MCX circular of 2026-01-16: Budget Day',
        date: '2026-01-16',
        url: 'https://www.businessupturn.com/sectors/commodities/commodity-market-timings-on-february-1-2026-heres-everything-you-need-to-know',
      },
    ],
    holidays: COMMODITY,
    sessions: [BUDGET_MORNING],
  },
];
