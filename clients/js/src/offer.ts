/** What the offer API tells of an offer, and what it is told. Fields may be added. Numbers are decimal strings. */

export type State = "open" | "presented" | "clicked" | "snoozed" | "accepted" | "dismissed" | "expired" | "revoked";

/** Plain text, never HTML: put it into `textContent`. */
export interface Content {
  title: string;
  body?: string;
}

/** A list price: `amount` in `currency` per `term`, for each seat when `per_seat`. */
export interface Price {
  amount: string;
  currency: string;
  term: string;
  per_seat: boolean;
}

/** What it costs less, computed; `percent` is whole. */
export interface Saving {
  amount: string;
  currency: string;
  term: string;
  percent: string;
}

/** What an option gives beyond what the account has. */
export interface Gain {
  what: string;
  before?: string;
  after: string;
}

/** One thing that can be chosen; none is ever preselected. */
export interface Option {
  id: string;
  kind: string;
  recommended: boolean;
  items?: string[];
  quantity?: string;
  sort?: string;
  price?: Price;
  saving?: Saving;
  gains: Gain[];
}

/** The account's own usage that earned the offer. */
export interface Evidence {
  moment: string;
  kind: string;
  meter?: string;
  group?: string;
  value?: string;
  limit?: string;
  step?: string;
  percent?: string;
  date?: string;
  confidence?: string;
  happened_at: string;
}

/** What a no means: offers of this kind stay away for `seconds`, or for ever when that is absent. */
export interface AfterNo {
  rule: string;
  seconds?: number;
}

/**
 * One offer, ready to be shown. `id` is what a response names; `offer` is the operator's name of it. Of several the one
 * with the highest `score` is the best.
 */
export interface Offer {
  id: string;
  offer: string;
  verb: string;
  state: State;
  user?: string;
  placements: string[];
  content: Content;
  options: Option[];
  evidence: Evidence[];
  after_a_no: AfterNo;
  variant?: string;
  note?: string;
  due_at?: string;
  score?: string;
  made_at: string;
  expires_at: string;
}

export type ResponseKind = "presented" | "clicked" | "accepted" | "dismissed" | "snoozed";

/** What a person did with an offer. `id` is made once and stays the same when it is sent again. */
export interface Response {
  id: string;
  offer: string;
  response: ResponseKind;
  placement?: string;
  option?: string;
  time: string;
}
