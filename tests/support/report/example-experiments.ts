import type { CountPlan } from './fake-counts.ts';

const weights = (...names: string[]) => names.map((name) => ({ name, weight: 1 }));

/** A shop's experiment with everything: sets, segments, visitors, a clear winner, a guardrail. */
export const checkout: CountPlan = {
  name: 'checkout-button',
  participants: { control: 24_180, blue: 24_310, 'one step': 24_052 },
  goals: {
    purchase: { rates: { control: 0.0512, blue: 0.0611, 'one step': 0.0449 }, value: 38.4 },
    'add to basket': { rates: { control: 0.183, blue: 0.1862, 'one step': 0.1839 }, times: 1 },
    newsletter: { rates: { control: 0.0212, blue: 0.0216, 'one step': 0.0209 } },
    'support request': { rates: { control: 0.0111, blue: 0.0109, 'one step': 0.0152 } },
    'page error': { rates: { control: 0.0061, blue: 0.0059, 'one step': 0.006 } },
  },
  segments: { 'platform=ios': 0.38, 'platform=android': 0.41, 'visitor=new': 0.62 },
  units: { crossovers: 0.002 },
  days: 24,
  definition: {
    hypothesis: 'A calmer button makes more people finish the purchase, and makes nobody call support.',
    variants: weights('control', 'blue', 'one step'),
    goals: {
      primary: [{ name: 'purchase', description: 'An order that was paid.' }],
      secondary: [{ name: 'add to basket' }, { name: 'newsletter' }],
      guardrail: [
        { name: 'support request', better: 'lower' },
        { name: 'page error', better: 'lower' },
      ],
    },
    smallestLift: 0.05,
  },
};

export const undecided: CountPlan = {
  name: 'headline-tone',
  participants: { control: 9_120, warm: 9_204 },
  goals: { signup: { rates: { control: 0.112, warm: 0.1135 } } },
  days: 12,
};

/** A broken split, far too good a lift, conversions above participants, strangers among the variants. */
export const troubled: CountPlan = {
  name: 'pricing-page',
  participants: { control: 5_012, yearly: 4_406, yeerly: 212 },
  goals: {
    upgrade: { rates: { control: 0.021, yearly: 0.0391 } },
    view: { rates: { control: 0.9, yearly: 0.92 }, times: 3 },
  },
  units: { crossovers: 0.034 },
  days: 2,
  definition: {
    variants: weights('control', 'yearly', 'monthly'),
    goals: { primary: [{ name: 'upgrade' }], secondary: [{ name: 'view' }, { name: 'refund' }] },
  },
};

export const belowMinimum: CountPlan = {
  name: 'footer-links',
  participants: { control: 61, bold: 58 },
  goals: { click: { rates: { control: 0.05, bold: 0.07 } } },
  days: 4,
};

export const withoutGoal: CountPlan = { name: 'search-ranking', participants: { control: 311, vector: 298 }, days: 5 };

/** Defined, and nothing received. */
export const awaited: CountPlan = {
  name: 'winter-sale',
  participants: {},
  days: 0,
  definition: { status: 'draft', variants: weights('control', 'snow'), goals: { primary: [{ name: 'purchase' }] } },
};

export const decided: CountPlan = {
  name: 'login-form',
  participants: { control: 15_010, passkey: 14_960 },
  goals: { 'signed in': { rates: { control: 0.61, passkey: 0.664 } } },
  days: 30,
  lastEvent: Date.UTC(2026, 9, 30, 12),
  definition: {
    status: 'ended',
    variants: weights('control', 'passkey'),
    decision: { variant: 'passkey', day: '2026-11-01', note: 'Kept for everybody; support is told.' },
  },
};

export const HOSTILE = '<img src=x onerror=alert(1)>';

/** Names as nobody should choose them: markup, right to left, an override, very long. */
export const hostile: CountPlan = {
  name: HOSTILE,
  participants: { [HOSTILE]: 4_000, 'כפתור כחול': 4_100, '\u202Eabc\u0627': 3_990, ['long-'.repeat(40)]: 4_010 },
  goals: {
    '"><script>alert(2)</script>': { rates: { [HOSTILE]: 0.1, 'כפתור כחול': 0.13, '\u202Eabc\u0627': 0.1 } },
    شراء: { rates: { [HOSTILE]: 0.2, 'כפתור כחול': 0.21, '\u202Eabc\u0627': 0.16 } },
  },
  segments: { 'lang=</style>': 0.5, 'lang=עברית': 0.5 },
  units: { crossovers: 0 },
  days: 9,
};

/** Begun with Gimel, gone on with here. */
export const takenOver: CountPlan = {
  name: 'newsletter-box',
  participants: { control: 212, top: 205 },
  goals: { subscribed: { rates: { control: 0.1, top: 0.11 } } },
  days: 5,
  imported: {
    namespace: 'alephbet',
    experiment: 'newsletter-box',
    incarnation: 0,
    source: 'gimel',
    at: Date.UTC(2026, 10, 15),
    counts: [
      { variant: 'control', event: 'participate', count: 48_120 },
      { variant: 'top', event: 'participate', count: 47_996 },
      { variant: 'control', event: 'subscribed', count: 4_890 },
      { variant: 'top', event: 'subscribed', count: 5_310 },
    ],
  },
};

export const all: CountPlan[] = [
  checkout,
  undecided,
  troubled,
  belowMinimum,
  withoutGoal,
  awaited,
  decided,
  hostile,
  takenOver,
];
