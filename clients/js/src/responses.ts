import type { Api } from "./api.ts";
import type { Response, ResponseKind } from "./offer.ts";
import { insist } from "./waiting.ts";

/** Responses in one request: what is sent while a page closes may have 64 KiB, and one has at most 1.3 KiB. */
const BATCH = 40;

/** Answers after which a later try may succeed: token, time, rate, and all that is the fault of the API. */
const PASSING = /401|408|429|5../;

/** After it nothing is shown of the offer, until the API says otherwise: accepted, dismissed, snoozed. */
export const closes = (kind: ResponseKind): boolean => /^[ads]/.test(kind);

/** What was not acknowledged yet; kept by the browser, so that it survives the page. */
export interface Queue {
  add(response: Response): void;
  /** Whether an answer that closes `offer` waits to be sent. */
  closes(offer: string): boolean;
}

export function openQueue(api: Api, signal: AbortSignal): Queue {
  const prefix = `rung ${api.who}\n`;
  const keyOf = ({ time, id }: Response): string => prefix + time + id; // in the order of time
  let kept: Record<string, string> = {};
  let sending = false;
  let size = BATCH;
  try {
    kept = localStorage ?? kept;
  } catch {} // a page may be refused its storage: then its memory has to do

  const waiting = (): Response[] =>
    Object.keys(kept)
      .filter((key) => key.startsWith(prefix))
      .sort()
      .map((key) => JSON.parse(kept[key]!));

  const sendBatch = async (): Promise<void> => {
    const batch = waiting().slice(0, size);
    const { status } = await api.call("responses", {
      method: "POST",
      body: JSON.stringify(batch),
      headers: { "content-type": "application/json" },
      keepalive: true, // goes on when the page is left
    });
    if (PASSING.test(`${status}`)) throw 0;
    if (status > 399 && size > 1) size = 1; // a list is refused as a whole: find out which one it was
    else for (const response of batch) delete kept[keyOf(response)];
  };

  const send = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    while (!signal.aborted && waiting().length) await insist(sendBatch, signal);
    sending = false;
    size = BATCH;
  };

  void send();
  return {
    closes: (id) => waiting().some(({ offer, response }) => offer === id && closes(response)),
    add(response) {
      const key = keyOf(response);
      const text = JSON.stringify(response);
      try {
        kept[key] = text;
      } catch {
        kept = { [key]: text }; // the storage is full
      }
      void send();
    },
  };
}
