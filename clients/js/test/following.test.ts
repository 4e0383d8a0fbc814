import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Client, connect, type Settings } from "../src/index.ts";
import { browser, type Browser } from "./browser.ts";
import { after, client as clientOf, ids, shows, until } from "./clients.ts";
import { Api, offer, token } from "./server.ts";

/** Connections that are tried at once: those that begin with a cut at once wait a few seconds each. */
const TOGETHER = 300;

let api: Api;
let here: Browser;

beforeEach(async () => {
  here = browser();
  api = await Api.start();
});

afterEach(() => api.stop());

const client = (settings: Partial<Settings> = {}): Client => clientOf(api.url, settings);

test("what is there is shown, best first and then newest first", async () => {
  api.log = [
    { offer: offer("old", { made_at: "2026-03-01T11:00:00Z" }) }, // of before there were scores
    { offer: offer("c", { score: "0", made_at: "2026-03-01T08:00:00Z" }) },
    { offer: offer("b", { score: "9.5", made_at: "2026-03-01T09:00:00Z" }) },
    { offer: offer("d", { score: "9.500000", made_at: "2026-03-01T10:00:00Z" }) },
    { offer: offer("a", { score: "10", made_at: "2026-03-01T07:00:00Z" }) },
  ];
  const mine = client();
  await shows(mine, "a", "d", "b", "c", "old");
  api.say({ offer: offer("c", { score: "11" }) });
  await shows(mine, "c", "a", "d", "b", "old");
});

test("what is there is shown, and every change of it", async () => {
  api.log = [
    { offer: offer("a", { made_at: "2026-03-01T09:00:00Z" }) },
    { offer: offer("b", { made_at: "2026-03-01T10:00:00Z" }) },
  ];
  const mine = client();
  await shows(mine, "b", "a");
  api.say({ gone: "b", why: "revoked" }, { offer: offer("c") });
  await shows(mine, "a", "c");
  api.say({ offer: offer("a", { state: "clicked" }) });
  await until(() => expect(mine.offers[0]?.state).toBe("clicked"));
});

test("a token is in the header and never in an address", async () => {
  const mine = client({ placements: ["banner", "up & down"], token: () => token("a/ä") });
  await until(() => expect(api.streams).toBe(1));
  mine.close();
  expect(api.asked).toEqual([
    {
      method: "GET",
      path: "/v1/accounts/a%2F%C3%A4/offers/stream?placement=banner&placement=up%20%26%20down",
      token: `Bearer ${token("a/ä")}`,
      lastId: undefined,
    },
  ]);
});

test("a stream that is cut at any byte loses nothing and tells nothing twice", async () => {
  api.log = [
    { offer: offer("a") },
    { offer: offer("b") },
    { offer: offer("c", { content: { title: "größer 🎈\r\n\u2028" } }) },
    { gone: "b", why: "expired" },
  ];
  const { length } = api.backlog(undefined);
  const log = [...api.log];

  const cutAt = async (cut: number): Promise<void> => {
    const own = await Api.start();
    own.log = [...log];
    own.cuts = [cut, 0, cut];
    const mine = connect({ url: own.url, token: () => token(), timeoutMs: 10_000 });
    try {
      await shows(mine, "a", "c");
      expect(mine.offers.map(({ content }) => content.title)).toEqual(["Größer: a 🎈", "größer 🎈\r\n\u2028"]);
      own.say({ gone: "a", why: "revoked" });
      await shows(mine, "c");
      const positions = own.streamsAsked.map(({ lastId }) => Number(lastId?.split("-")[1] ?? -1));
      expect(positions, `cut at ${cut}`).toEqual([...positions].sort((a, b) => a - b));
    } finally {
      mine.close();
      await own.stop();
    }
  };

  for (let first = 0; first < length; first += TOGETHER) {
    const some = Array.from({ length: Math.min(TOGETHER, length - first) }, (_, cut) => first + cut);
    await Promise.all(some.map(cutAt));
  }
}, 240_000);

test("a reader that comes back goes on where it was", async () => {
  api.log = [{ offer: offer("a") }];
  const mine = client();
  await shows(mine, "a");
  api.log.push({ offer: offer("b") }, { gone: "a", why: "revoked" });
  api.cutAll();
  await shows(mine, "b");
  expect(api.streamsAsked.map(({ lastId }) => lastId)).toEqual([undefined, "0-0"]);
});

test("when the log is gone from where it was, it forgets and takes everything anew", async () => {
  api.log = [{ offer: offer("a") }];
  const mine = client();
  await shows(mine, "a");
  api.log.push({ gone: "a", why: "revoked" }, { offer: offer("b") });
  api.oldest = 9;
  api.cutAll();
  await shows(mine, "b");
});

test("a token that is refused is asked for anew", async () => {
  api.log = [{ offer: offer("a") }];
  api.statuses = [401];
  const tokens = ["old", "new"].map((kid) => token("acme", { kid }));
  const asked = [...tokens];
  const mine = client({ token: async () => asked.shift()! });
  await shows(mine, "a");
  expect(api.asked.map(({ token }) => token)).toEqual(tokens.map((one) => `Bearer ${one}`));
});

test("a token is asked for anew before it ends", async () => {
  const ending = Math.floor(Date.now() / 1000) + 5;
  const give = vi.fn(() => token("acme", { exp: ending }));
  client({ token: give });
  await until(() => expect(api.streams).toBe(1));
  expect(give).toHaveBeenCalledTimes(2);
});

test("a token for somebody else ends it all", async () => {
  api.log = [{ offer: offer("a") }];
  const asked = [token("acme", { user: "maria" }), token("acme", { user: "eve" })];
  const mine = client({ token: () => asked.shift()! });
  await shows(mine, "a");
  api.statuses = [401];
  api.cutAll();
  await shows(mine);
  await until(() => expect(asked).toEqual([]));
  expect(api.asked.at(-1)!.token).toBe(`Bearer ${token("acme", { user: "maria" })}`);
});

test("a token that can not be had is asked for again", async () => {
  api.log = [{ offer: offer("a") }];
  const give = vi.fn(() => token());
  give.mockRejectedValueOnce(new Error("the backend is away"));
  const mine = client({ token: give });
  await shows(mine, "a");
});

test("where streams are held back on the way, it looks now and again", async () => {
  api.holdsBack = true;
  api.log = [{ offer: offer("a") }];
  const mine = client({ timeoutMs: 50 });
  await shows(mine, "a");
  api.log.push({ gone: "a", why: "revoked" });
  await shows(mine);
});

test("a page that hears nothing goes on without offers, in time", async () => {
  await api.stop();
  const heard: string[][] = [];
  const began = Date.now();
  const mine = client({ timeoutMs: 100 });
  mine.watch((offers) => heard.push(offers.map(({ id }) => id)));
  await until(() => expect(heard).toEqual([[]]));
  expect(Date.now() - began).toBeLessThan(5_000);
});

test("when the browser is online again, it does not wait", async () => {
  api.statuses = Array(7).fill(503); // three times a stream and a look, then a stream
  api.log = [{ offer: offer("a") }];
  const mine = client();
  await until(() => expect(api.asked).toHaveLength(2)); // a stream, then a look
  const began = Date.now();
  const online = setInterval(() => here.window.dispatchEvent(new Event("online")), 10);
  await shows(mine, "a");
  clearInterval(online);
  expect(Date.now() - began).toBeLessThan(5_000); // by itself it would wait for 1, 2 and 4 s at least
});

test("while nobody is heard, an offer whose time has run out is not shown", async () => {
  const soon = new Date(Date.now() + 300).toISOString();
  api.log = [{ offer: offer("a", { expires_at: soon }) }, { offer: offer("b") }];
  const mine = client();
  await shows(mine, "a", "b");
  await after(400);
  expect(ids(mine)).toEqual(["a", "b"]); // the API is heard, and its clock is the one that counts
  await api.stop();
  await shows(mine, "b");
});

test("a listener is told at once what is known, until it has enough", async () => {
  api.log = [{ offer: offer("a") }];
  const mine = client();
  await shows(mine, "a");
  const listener = vi.fn();
  const end = mine.watch(listener);
  expect(listener).toHaveBeenCalledTimes(1);
  end();
  api.say({ gone: "a", why: "revoked" });
  await shows(mine);
  expect(listener).toHaveBeenCalledTimes(1);
});

test("closed, it shows nothing and asks nothing", async () => {
  api.log = [{ offer: offer("a") }];
  const mine = client();
  await shows(mine, "a");
  mine.close();
  expect(mine.offers).toEqual([]);
  await until(() => expect(api.streams).toBe(0));
  const asked = api.asked.length;
  await after(100);
  expect(api.asked).toHaveLength(asked);
});
