import type { HolidayYear } from '../special-day.js';

// The exchanges’ PDFs were not read: NSE’s list is checked against the news, which also gave the Muhurat hours.

/** Unknown in 2025: CDS, BCD and NCO, for lack of a list to cite. */
export const DAYS_OF_2025: readonly HolidayYear[] = [
  {
    exchanges: ['NSE', 'BSE', 'NFO', 'BFO'],
    year: 2025,
    sources: [
      {
        reference: 'NSE/CMTR/65587, trading holidays for the calendar year 2025',
        date: '2024-12-13',
        url: 'https://nsearchives.nseindia.com/content/circulars/CMTR65587.pdf',
      },
      {
        reference: 'Mint on the circulars of NSE and BSE: the same holidays for derivatives; Budget Day',
        date: '2024-12-23',
        url: 'https://www.livemint.com/market/stock-market-news/nse-to-conduct-live-trading-on-union-budget-2025-day-on-february-1/amp-11734946412860.html',
      },
      {
        reference:
          'NSE/CMTR/70319 and NSE/FAOP/70320, BSE notices 20250922-21 and 20250922-22: Muhurat trading',
        date: '2025-09-22',
        url: 'https://nsearchives.nseindia.com/content/circulars/CMTR70319.pdf',
      },
      {
        reference: 'NDTV Profit on these: the hours of Muhurat trading',
        date: '2025-10-17',
        url: 'https://www.ndtvprofit.com/markets/diwali-2025-stock-market-holidays-will-nse-bse-remain-closed-for-laxmi-pujan-and-balipratipada',
      },
    ],
    holidays: {
      '2025-02-26': 'Mahashivratri',
      '2025-03-14': 'Holi',
      '2025-03-31': 'Id-Ul-Fitr',
      '2025-04-10': 'Mahavir Jayanti',
      '2025-04-14': 'Ambedkar Jayanti',
      '2025-04-18': 'Good Friday',
      '2025-05-01': 'Maharashtra Day',
      '2025-08-15': 'Independence Day',
      '2025-08-27': 'Ganesh Chaturthi',
      '2025-10-02': 'Gandhi Jayanti and Dussehra',
      '2025-10-21': 'Diwali Laxmi Pujan',
      '2025-10-22': 'Diwali Balipratipada',
      '2025-11-05': 'Guru Nanak Jayanti',
      '2025-12-25': 'Christmas',
    },
    sessions: [
      { date: '2025-02-01', name: 'Union Budget' },
      { date: '2025-10-21', name: 'Muhurat trading', open: '13:45', close: '14:45' },
    ],
  },
  {
    exchanges: ['MCX'],
    year: 2025,
    sources: [
      {
        reference: 'Rupeezy’s list of MCX holidays',
        date: null,
        url: 'https://rupeezy.in/mcx-holiday',
      },
      {
        reference: 'Mint on the MCX circular of 2025-01-29: Budget Day',
        date: '2025-01-29',
        url: 'https://www.livemint.com/market/commodities/mcx-to-remain-open-for-trading-on-saturday-february-1-on-account-of-union-budget-2025-11738144628884.html',
      },
      {
        reference: 'Free Press Journal: the hours of Muhurat trading in all segments',
        date: '2025-09-29',
        url: 'https://www.freepressjournal.in/business/nse-trading-holiday-calendar-for-october-2025-stock-market-to-remain-closed-on-these-major-festival-days',
      },
    ],
    holidays: {
      '2025-01-01': ['New Year’s Day', 'evening'],
      '2025-02-26': ['Mahashivratri', 'morning'],
      '2025-03-14': ['Holi', 'morning'],
      '2025-03-31': ['Id-Ul-Fitr', 'morning'],
      '2025-04-10': ['Mahavir Jayanti', 'morning'],
      '2025-04-14': ['Ambedkar Jayanti', 'morning'],
      '2025-04-18': 'Good Friday',
      '2025-05-01': ['Maharashtra Day', 'morning'],
      '2025-08-15': 'Independence Day',
      '2025-08-27': ['Ganesh Chaturthi', 'morning'],
      '2025-10-02': 'Gandhi Jayanti',
      '2025-10-21': 'Diwali Laxmi Pujan',
      '2025-10-22': ['Diwali Balipratipada', 'morning'],
      '2025-11-05': ['Guru Nanak Jayanti', 'morning'],
      '2025-12-25': 'Christmas',
    },
    sessions: [
      { date: '2025-02-01', name: 'Union Budget', open: '09:00', close: '17:00' },
      { date: '2025-10-21', name: 'Muhurat trading', open: '13:45', close: '14:45' },
    ],
  },
];
