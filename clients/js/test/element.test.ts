// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Chosen, RungOffers } from "../src/element.ts";
import type { Client, Listener, Offer } from "../src/index.ts";
import { offer } from "./server.ts";

const UPGRADE = offer("u-1", {
  content: { title: "You have used 1.7 of 2 GB", body: "Plus has 2,000 GB." },
  options: [
    {
      id: "plus",
      kind: "plan",
      recommended: true,
      price: { amount: "96.00", currency: "USD", term: "year", per_seat: false },
      saving: { amount: "24.00", currency: "USD", term: "year", percent: "20" },
      gains: [{ what: "storage_gb", before: "2", after: "2000" }],
    },
    { id: "photos", kind: "product", recommended: false, gains: [] },
  ],
});

/** A client that shows what it is told to. */
class Hand implements Client {
  offers: Offer[] = [];
  said: unknown[][] = [];
  listeners = new Set<Listener>();

  watch(listener: Listener): () => void {
    this.listeners.add(listener);
    listener(this.offers);
    return () => this.listeners.delete(listener);
  }

  show(...offers: Offer[]): void {
    this.offers = offers;
    for (const listener of this.listeners) listener(offers);
  }

  respond(...said: unknown[]): void {
    this.said.push(said);
  }

  close(): void {}
}

let hand: Hand;
let onScreen: (id: string) => void;

beforeEach(() => {
  hand = new Hand();
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(seen: (entries: object[]) => void) {
        onScreen = (id) => seen([{ isIntersecting: true, target: { id } }]);
      }
      observe(): void {}
      disconnect(): void {}
    },
  );
});

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

function element(attributes: Record<string, string> = {}): RungOffers {
  const made = document.createElement("rung-offers") as RungOffers;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  document.body.append(made);
  made.client = hand;
  return made;
}

const part = (of: RungOffers, name: string): HTMLElement[] => [
  ...of.shadowRoot!.querySelectorAll<HTMLElement>(`[part~="${name}"]`),
];
const texts = (of: RungOffers, name: string): string[] => part(of, name).map(({ textContent }) => textContent!);
const press = (of: RungOffers, name: string): void => part(of, name)[0]!.click();

test("an offer is shown with what each option costs, saves and gives", () => {
  hand.offers = [UPGRADE];
  const mine = element();
  expect(texts(mine, "title")).toEqual(["You have used 1.7 of 2 GB"]);
  expect(texts(mine, "body")).toEqual(["Plus has 2,000 GB."]);
  expect(texts(mine, "line")).toEqual(["plus", "$96.00 / year, −20%", "storage_gb: 2 → 2000", "photos"]);
  expect(texts(mine, "recommended")).toHaveLength(1);
  expect(part(mine, "offer")[0]!.ariaLabel).toBe("You have used 1.7 of 2 GB");
});

test("what an offer says is text, whatever it looks like", () => {
  const html = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  hand.offers = [
    offer(html, {
      content: { title: html, body: html },
      options: [{ id: html, kind: "plan", recommended: false, gains: [{ what: html, after: html }] }],
    }),
  ];
  const mine = element({ dismiss: html });
  expect(mine.shadowRoot!.querySelectorAll("img, script")).toHaveLength(0);
  expect(texts(mine, "title")).toEqual([html]);
  expect(texts(mine, "dismiss")).toEqual([html]);
});

test("nothing is preselected, and each offer can be declined in one press", () => {
  hand.offers = [UPGRADE, offer("h-1")];
  const mine = element();
  expect(mine.shadowRoot!.querySelectorAll("input, [checked], [selected], [autofocus]")).toHaveLength(0);
  expect(part(mine, "dismiss")).toHaveLength(2);
  press(mine, "dismiss");
  expect(hand.said).toEqual([["u-1", "dismissed", {}]]);
});

test("an element shows the offers of its place alone, and reports it", () => {
  hand.offers = [offer("a", { placements: ["modal"] }), offer("b", { placements: ["banner", "modal"] })];
  const mine = element({ placement: "banner" });
  expect(part(mine, "offer").map(({ id }) => id)).toEqual(["b"]);
  press(mine, "snooze");
  expect(hand.said).toEqual([["b", "snoozed", { placement: "banner" }]]);
});

test("an offer is presented once it was on the screen, and once only", () => {
  hand.offers = [UPGRADE];
  element();
  expect(hand.said).toEqual([]);
  onScreen("u-1");
  onScreen("u-1");
  expect(hand.said).toEqual([["u-1", "presented", {}]]);
});

test("an offer that was presented before is not presented again", () => {
  hand.offers = [{ ...UPGRADE, state: "clicked" }];
  element();
  onScreen("u-1");
  expect(hand.said).toEqual([]);
});

test("to choose is to click, and to accept unless the page sees to that itself", () => {
  hand.offers = [UPGRADE];
  const mine = element();
  press(mine, "choose");
  expect(hand.said).toEqual([
    ["u-1", "clicked", { option: "plus" }],
    ["u-1", "accepted", { option: "plus" }],
  ]);
  hand.said = [];
  const chosen: Chosen[] = [];
  document.body.addEventListener(
    "rung-choose",
    (event) => {
      event.preventDefault();
      chosen.push((event as CustomEvent<Chosen>).detail);
    },
    { once: true },
  );
  press(mine, "choose");
  expect(hand.said).toEqual([["u-1", "clicked", { option: "plus" }]]);
  expect(chosen).toEqual([{ offer: UPGRADE, option: UPGRADE.options[0] }]);
});

test("an offer with nothing to choose from can be followed", () => {
  hand.offers = [offer("h-1")];
  const mine = element({ choose: "Zeig es mir" });
  expect(texts(mine, "choose")).toEqual(["Zeig es mir"]);
  press(mine, "choose");
  expect(hand.said).toEqual([
    ["h-1", "clicked", {}],
    ["h-1", "accepted", {}],
  ]);
});

test("while there is no offer, what stands inside is shown", () => {
  const mine = element();
  expect(mine.shadowRoot!.querySelectorAll("slot")).toHaveLength(1);
  hand.show(UPGRADE);
  expect(mine.shadowRoot!.querySelectorAll("slot")).toHaveLength(0);
  hand.show();
  expect(mine.shadowRoot!.querySelectorAll("slot")).toHaveLength(1);
});

test("a button that somebody is about to press stays where it is when only the state changes", () => {
  hand.offers = [UPGRADE];
  const mine = element();
  const [button] = part(mine, "choose");
  hand.show({ ...UPGRADE, state: "presented" });
  expect(part(mine, "choose")[0]).toBe(button);
  hand.show({ ...UPGRADE, content: { title: "Your 2 GB are full" } });
  expect(texts(mine, "title")).toEqual(["Your 2 GB are full"]);
});

test("a page has its own words for options", () => {
  hand.offers = [UPGRADE];
  const mine = document.createElement("rung-offers") as RungOffers;
  mine.describe = ({ id }) => [`Plan ${id.toUpperCase()}`];
  mine.client = hand;
  document.body.append(mine);
  expect(texts(mine, "line")).toEqual(["Plan PLUS", "Plan PHOTOS"]);
});

test("an element that leaves the page listens no more", () => {
  const mine = element();
  expect(hand.listeners.size).toBe(1);
  mine.remove();
  expect(hand.listeners.size).toBe(0);
});
