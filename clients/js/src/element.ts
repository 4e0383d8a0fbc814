/**
 * `<rung-offers placement="banner">`: shows the offers of one place and reports what a person does with them.
 *
 * What stands inside the element is shown while there is no offer. Offers are text: nothing of them is ever read as
 * HTML. Nothing is preselected, and one press says no. Style it by `::part(offer)`, `title`, `body`, `options`,
 * `option`, `recommended`, `choose`, `dismiss`, `snooze`.
 */

import type { Client } from "./client.ts";
import type { Offer, Option } from "./offer.ts";

export * from "./index.ts";

/** What a `rung-choose` event is about; `option` is missing when the offer has nothing to choose from. */
export interface Chosen {
  offer: Offer;
  option?: Option;
}

/** Share of an offer that has to be on the screen to count as presented. */
const SEEN = 0.5;

const CSS = `:host{display:block}
[part=offer]{border:1px solid #8886;border-radius:8px;padding:1em;margin:0 0 1em}
[part=title]{font-weight:600}p{margin:0 0 .5em}
[part=options]{display:flex;flex-wrap:wrap;gap:1em;padding:0;list-style:none}
[part~=option]{flex:1 1 12em;border:1px solid #8884;border-radius:6px;padding:.7em}
[part~=recommended]{border-width:2px}
button{font:inherit;margin-right:.5em}`;

/** What an option is, in a line for each thing to say of it; a page that has names for them sets its own. */
export function describe({ id, quantity, items, price, saving, gains }: Option): string[] {
  const lines = [[quantity, items?.join(" + ") ?? id].filter(Boolean).join(" × ")];
  if (price) {
    const { amount, currency, term, per_seat } = price;
    const money = new Intl.NumberFormat(undefined, { style: "currency", currency }).format(amount as `${number}`);
    lines.push(`${money} / ${term}${per_seat ? " / seat" : ""}${saving ? `, −${saving.percent}%` : ""}`);
  }
  return [...lines, ...gains.map(({ what, before, after }) => `${what}: ${before ? before + " → " : ""}${after}`)];
}

export class RungOffers extends HTMLElement {
  /** What is said of an option. */
  describe: (option: Option) => string[] = describe;
  #client: Client | undefined;
  #end: (() => void) | undefined;
  #shows = "";
  #presented = new Set<string>();
  #watching: IntersectionObserver | undefined;
  #root = this.attachShadow({ mode: "open" });

  /** Where offers come from; several elements of a page share one. */
  set client(client: Client | undefined) {
    this.#client = client;
    this.connectedCallback();
  }

  get client(): Client | undefined {
    return this.#client;
  }

  connectedCallback(): void {
    this.disconnectedCallback();
    this.#root.replaceChildren(document.createElement("slot"));
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    this.#root.adoptedStyleSheets = [sheet];
    if (this.isConnected) this.#end = this.#client?.watch((offers) => this.#show(offers));
  }

  disconnectedCallback(): void {
    this.#end?.();
    this.#watching?.disconnect();
    this.#shows = "";
  }

  #respond(offer: Offer, kind: Parameters<Client["respond"]>[1], option?: Option): void {
    const { placement } = this;
    this.#client!.respond(offer.id, kind, { ...(placement && { placement }), ...(option && { option: option.id }) });
  }

  get placement(): string | null {
    return this.getAttribute("placement");
  }

  #show(all: readonly Offer[]): void {
    const { placement } = this;
    const offers = all.filter(({ placements }) => !placement || placements.includes(placement));
    const shows = JSON.stringify(offers.map(({ id, content, options }) => [id, content, options]));
    if (shows === this.#shows) return; // a person may be about to press a button
    this.#shows = shows;
    this.#watching?.disconnect();
    this.#watching = new IntersectionObserver(
      (seen) => seen.forEach(({ isIntersecting, target }) => isIntersecting && this.#see(offers, target.id)),
      { threshold: SEEN },
    );
    this.#root.replaceChildren(...(offers.length ? offers.map((offer) => this.#card(offer)) : [make("slot")]));
  }

  #see(offers: Offer[], id: string): void {
    const offer = offers.find((offer) => offer.id === id);
    if (offer?.state !== "open" || this.#presented.has(id)) return;
    this.#presented.add(id);
    this.#respond(offer, "presented");
  }

  #card(offer: Offer): HTMLElement {
    const { title, body } = offer.content;
    const card = make("section", "offer", make("p", "title", title));
    card.id = offer.id;
    card.ariaLabel = title;
    if (body) card.append(make("p", "body", body));
    if (offer.options.length) card.append(make("ul", "options", ...offer.options.map((it) => this.#option(offer, it))));
    else card.append(this.#button("choose", "Show me", () => this.#choose(offer)));
    card.append(
      this.#button("dismiss", "No, thanks", () => this.#respond(offer, "dismissed")),
      this.#button("snooze", "Later", () => this.#respond(offer, "snoozed")),
    );
    this.#watching!.observe(card);
    return card;
  }

  #option(offer: Offer, option: Option): HTMLElement {
    return make(
      "li",
      option.recommended ? "option recommended" : "option",
      ...this.describe(option).map((line) => make("p", "line", line)),
      this.#button("choose", "Choose", () => this.#choose(offer, option)),
    );
  }

  /** A button; the element's attribute of its name has other words for it. */
  #button(part: string, words: string, press: () => void): HTMLElement {
    const button = make("button", part, this.getAttribute(part) ?? words) as HTMLButtonElement;
    button.type = "button";
    button.onclick = press;
    return button;
  }

  #choose(offer: Offer, option?: Option): void {
    this.#respond(offer, "clicked", option);
    const detail: Chosen = option ? { offer, option } : { offer };
    const event = new CustomEvent("rung-choose", { bubbles: true, cancelable: true, composed: true, detail });
    if (this.dispatchEvent(event)) this.#respond(offer, "accepted", option);
  }
}

/** An element with text and others in it, never with HTML. */
function make(tag: string, part = "", ...inside: (string | Node)[]): HTMLElement {
  const made = document.createElement(tag);
  if (part) made.setAttribute("part", part);
  made.append(...inside);
  return made;
}

customElements.define("rung-offers", RungOffers);
