/** Clients of one test, closed when it ends. */

import { afterEach, expect, vi } from "vitest";

import { type Client, connect, type Settings } from "../src/index.ts";
import { token } from "./server.ts";

const made: Client[] = [];

afterEach(() => {
  for (const client of made.splice(0)) client.close();
  vi.unstubAllGlobals();
});

export function client(url: string, settings: Partial<Settings> = {}): Client {
  const one = connect({ url, token: () => token(), timeoutMs: 10_000, ...settings });
  made.push(one);
  return one;
}

export const ids = (of: Client): string[] => of.offers.map(({ id }) => id);

/** Waits until `holds` does not throw: long enough for a machine that is busy with something else. */
export const until = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 30_000, interval: 5 });

/** Waits until exactly these offers may be shown. */
export const shows = (of: Client, ...wanted: string[]): Promise<void> =>
  until(() => expect(ids(of)).toEqual(wanted));

export const after = (ms: number): Promise<unknown> => new Promise((done) => setTimeout(done, ms));
