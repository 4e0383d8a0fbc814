import { openApi } from "./api.ts";
import type { Offer, ResponseKind } from "./offer.ts";
import { closes, openQueue, type Queue } from "./responses.ts";
import { sseReader } from "./sse.ts";
import { insist, pause } from "./waiting.ts";

/** Failures in a row after which another tab may try: this one's token may be refused for good. */
const TURN = 3;

/** Longest silence on a stream, in ms: the API says something every 15 s. */
const SILENCE_MS = 40_000;

/** Changes that come so close together, in ms, are told together. */
const TOGETHER_MS = 10;

export interface Settings {
  /** Where the offer API is, without a slash at the end. */
  url: string;
  /** Gives a token of the person who looks; called again before it ends and when it is refused. */
  token: () => string | Promise<string>;
  /** The places that the page fills; all when left out. */
  placements?: string[];
  /** How long a page waits for offers before it goes on without, in ms; 3,000 when left out. */
  timeoutMs?: number;
}

export type Listener = (offers: readonly Offer[]) => void;

export interface Client {
  /** What may be shown now, best first. */
  readonly offers: readonly Offer[];
  /**
   * Calls `listener` with what may be shown, now if that is known, and at every change; within `timeoutMs` in any
   * case, with an empty list when nothing could be learned. Returns what ends this.
   */
  watch(listener: Listener): () => void;
  /** Tells what the person did with an offer: kept until the API has it, also when the page is left or offline. */
  respond(offer: string, response: ResponseKind, more?: { placement?: string; option?: string }): void;
  /** Ends everything; what was not sent is sent by the next client of the same person. */
  close(): void;
}

/** What tabs of one browser tell each other: all offers, the position, whether the API is heard; or 0 to ask for them. */
type Word = [Offer[], string, boolean] | 0;

export function connect({ url, token, placements = [], timeoutMs = 3_000 }: Settings): Client {
  const { now, parse } = Date;
  const closed = new AbortController();
  const { signal } = closed;
  const listeners = new Set<Listener>();
  const hidden = new Set<string>();
  const query = "?" + placements.map((place) => "placement=" + encodeURIComponent(place)).join("&");
  let known = new Map<string, Offer>();
  let position = "";
  let retryMs = 1_000;
  let failures = 0;
  let last = 0;
  let live = false;
  let leads = false;
  let shown: readonly Offer[] | undefined;
  let telling: unknown;
  let channel: BroadcastChannel | undefined;
  let queue: Queue | undefined;

  const tell = (): void => {
    telling = 0;
    shown = [...known.values()]
      .filter(({ id, expires_at }) => {
        if (queue?.closes(id)) hidden.add(id);
        // while the API is not heard, nobody else says that a time has run out
        return !hidden.has(id) && (live || parse(expires_at) > now());
      })
      .sort((a, b) => +(b.score ?? -1) - +(a.score ?? -1) || parse(b.made_at) - parse(a.made_at));
    for (const listener of listeners) listener(shown);
  };

  const changed = (): void => {
    if (leads) channel?.postMessage([[...known.values()], position, live] satisfies Word);
    telling ||= setTimeout(tell, TOGETHER_MS);
  };

  const learn = (offers: Offer[]): void => {
    known = new Map(offers.map((offer) => [offer.id, offer]));
  };

  const onEvent = (name: string, data: string, at: string): void => {
    const said = JSON.parse(data);
    position = at;
    if (name === "offer") known.set(said.id, said);
    if (name === "resync") known.clear();
    if (name === "gone") {
      known.delete(said.id);
      hidden.delete(said.id); // if it comes back, as after a snooze, it may be shown
    }
  };

  const api = openApi(url, token, () => client.close());

  /** Follows one stream until it ends, then waits. */
  const follow = async (): Promise<void> => {
    const cut = new AbortController();
    const within = AbortSignal.any([signal, cut.signal]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let status: number | undefined;
    const wait = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => cut.abort(), ms);
    };
    failures++;
    live = false;
    wait(timeoutMs);
    try {
      const goOn = position && { headers: { "last-event-id": position } };
      const answer = await api.call("offers/stream" + query, { ...goOn, signal: within });
      status = answer.status;
      if (answer.ok) {
        const take = sseReader(onEvent, (ms) => (retryMs = ms), position);
        const bytes = answer.body!.getReader();
        for (let part; !(part = await bytes.read()).done; ) {
          if (!live && !position) known.clear(); // everything follows
          live = true;
          failures = 0;
          wait(SILENCE_MS);
          take(part.value);
          changed();
        }
      }
    } catch {}
    clearTimeout(timer);
    live = false;
    if (failures && (status || cut.signal.aborted)) {
      // something holds streams back on the way here, or there are too many of them: look now and again
      try {
        const answer = await api.call("offers" + query, { signal: AbortSignal.timeout(timeoutMs) });
        if (answer.ok) learn((await answer.json()).offers);
      } catch {}
    }
    changed();
    await pause(retryMs, failures, signal);
  };

  const lead = async (): Promise<void> => {
    leads = true;
    do await follow();
    while (!signal.aborted && failures % TURN);
    leads = false;
  };

  const opened = insist(api.fresh, signal).then(() => (queue = openQueue(api, signal)));

  const run = async (): Promise<void> => {
    await opened;
    if (signal.aborted) return;
    const name = api.who + query;
    const { locks } = navigator;
    if (locks) {
      channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }: MessageEvent<Word>) => {
        if (!leads && data) {
          learn(data[0]);
          [, position, live] = data;
        }
        changed();
      };
      channel.postMessage(0);
    }
    while (!signal.aborted) await (locks ? locks.request(name, { signal }, lead) : lead());
  };

  const client: Client = {
    get offers() {
      return shown ?? [];
    },
    watch(listener) {
      listeners.add(listener);
      if (shown) listener(shown);
      return () => listeners.delete(listener);
    },
    respond(offer, response, more) {
      last = Math.max(now(), last + 1); // no two at the same time: their order counts
      const said = { ...more, id: `${last}-${Math.random()}`, offer, response, time: new Date(last).toISOString() };
      void opened.then((queue) => queue.add(said));
      if (closes(response)) hidden.add(offer);
      channel?.postMessage(0); // in the other tabs it is hidden, too
      changed();
    },
    close() {
      closed.abort();
      channel?.close();
      channel = undefined;
      known.clear();
      tell();
      listeners.clear();
    },
  };
  setTimeout(() => shown || tell(), timeoutMs);
  run().catch(() => {});
  return client;
}
