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
  const one = connect({ url, token: () => token(), timeoutMs: 500, ...settings });
  made.push(one);
  return one;
}

export const ids = (of: Client): string[] => of.offers.map(({ id }) => id);

/** Waits until exactly these offers may be shown. */
export const shows = (of: Client, ...wanted: string[]): Promise<void> =>
  vi.waitFor(() => expect(ids(of)).toEqual(wanted), { timeout: 10_000, interval: 5 });

export const after = (ms: number): Promise<unknown> => new Promise((done) => setTimeout(done, ms));
