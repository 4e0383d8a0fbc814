/** What the client uses of a browser and Node has not: storage, locks, the window's events. */

import { setMaxListeners } from "node:events";

import { vi } from "vitest";

/** Web Locks of one name are held one after the other, in the order asked for. */
class Locks {
  #tails = new Map<string, Promise<unknown>>();

  async request(name: string, { signal }: { signal: AbortSignal }, work: () => Promise<unknown>): Promise<unknown> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const mine = before.then(() => (signal.aborted ? undefined : work()));
    this.#tails.set(
      name,
      mine.catch(() => {}),
    );
    return mine;
  }
}

export interface Browser {
  storage: Record<string, string>;
  window: EventTarget;
}

/** Installs a browser of its own; `shares`: with locks, as on a page that came by HTTPS. */
export function browser({ shares = false } = {}): Browser {
  const window = new EventTarget();
  setMaxListeners(0, window); // as many clients as a test has, and no warning
  const storage = {};
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("localStorage", storage);
  vi.stubGlobal("navigator", shares ? { locks: new Locks() } : {});
  return { storage, window };
}
