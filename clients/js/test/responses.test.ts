import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Client, ResponseKind } from "../src/index.ts";
import { browser, type Browser } from "./browser.ts";
import { after, client as clientOf, ids, shows, until } from "./clients.ts";
import { Api, offer, token } from "./server.ts";

let api: Api;
let here: Browser;

beforeEach(async () => {
  here = browser();
  api = await Api.start();
  api.log = [{ offer: offer("a") }, { offer: offer("b", { made_at: "2026-02-01T09:00:00Z" }) }];
});

afterEach(() => api.stop());

const client = (account = "acme"): Client => clientOf(api.url, { token: () => token(account) });
const taken = (): [string, ResponseKind][] => api.responses.map(({ offer, response }) => [offer, response]);
const online = (): boolean => here.window.dispatchEvent(new Event("online"));
const acknowledged = (): Promise<void> => until(() => expect(Object.keys(here.storage)).toEqual([]));

test("a response says what was done, where and when, under an id of its own", async () => {
  const mine = client();
  mine.respond("a", "clicked", { placement: "banner", option: "plus" });
  mine.respond("a", "clicked");
  await until(() => expect(api.responses).toHaveLength(2));
  const [first, second] = api.responses;
  expect(first).toMatchObject({ offer: "a", response: "clicked", placement: "banner", option: "plus" });
  expect(Math.abs(Date.parse(first!.time) - Date.now())).toBeLessThan(5_000);
  expect(first!.id).not.toBe(second!.id);
});

test("a response goes on when the page is left", async () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  client().respond("a", "clicked");
  await until(() => expect(api.responses).toHaveLength(1));
  const sent = fetched.mock.calls.filter(([, init]) => init?.method === "POST");
  fetched.mockRestore();
  expect(sent.map(([, init]) => init?.keepalive)).toEqual([true]);
});

test.each<ResponseKind>(["accepted", "dismissed", "snoozed"])("what is %s leaves the screen at once", async (kind) => {
  const mine = client();
  await shows(mine, "a", "b");
  mine.respond("a", kind);
  await shows(mine, "b"); // nothing has come down the stream
});

test("what is presented or clicked stays", async () => {
  const mine = client();
  await shows(mine, "a", "b");
  mine.respond("a", "presented");
  mine.respond("a", "clicked");
  await until(() => expect(api.responses).toHaveLength(2));
  await after(20);
  expect(ids(mine)).toEqual(["a", "b"]);
});

test("what was dismissed does not come back when the log tells of it late", async () => {
  const mine = client();
  await shows(mine, "a", "b");
  mine.respond("a", "dismissed");
  await until(() => expect(api.responses).toHaveLength(1));
  await acknowledged();
  api.say({ offer: offer("a", { state: "presented" }) }, { gone: "b", why: "revoked" });
  await shows(mine);
});

test("what was snoozed comes back when the API says so", async () => {
  const mine = client();
  await shows(mine, "a", "b");
  mine.respond("a", "snoozed");
  await until(() => expect(api.responses).toHaveLength(1));
  await acknowledged();
  api.say({ gone: "a", why: "snoozed" });
  await shows(mine, "b");
  api.say({ offer: offer("a") });
  await shows(mine, "a", "b");
});

test("what the API does not take just now is sent again, each under the id it had, in order", async () => {
  const mine = client();
  await shows(mine, "a", "b");
  api.statuses = [503, 429];
  mine.respond("a", "presented");
  await after(20);
  for (let times = 0; times < 9; times++) mine.respond("a", "clicked");
  mine.respond("a", "dismissed");
  const all = ["presented", ...Array(9).fill("clicked"), "dismissed"];
  await until(() => {
    online();
    expect(taken().map(([, response]) => response)).toEqual(all);
  });
  expect(new Set(api.responses.map(({ id }) => id)).size).toBe(all.length);
  await acknowledged();
});

test("what was not sent when a page was left is sent by the next, and stays off the screen until then", async () => {
  const first = client();
  await shows(first, "a", "b");
  api.takesNothing = true;
  first.respond("a", "dismissed");
  await after(50);
  first.close();
  expect(Object.keys(here.storage)).toHaveLength(1);
  const second = client();
  await shows(second, "b");
  api.takesNothing = false;
  online();
  await until(() => expect(taken()).toEqual([["a", "dismissed"]]));
});

test("what one person did is not sent for another", async () => {
  const first = client();
  await shows(first, "a", "b");
  api.statuses = Array(5).fill(503);
  first.respond("a", "dismissed");
  await after(50);
  first.close();
  api.statuses = [];
  const second = client("globex");
  await shows(second, "a", "b");
  await after(50);
  expect(taken()).toEqual([]);
});

test("one that is refused does not hold up the others", async () => {
  api.over.add("a");
  const mine = client();
  await shows(mine, "a", "b");
  api.statuses = [503];
  for (const id of ["b", "a", "b"]) mine.respond(id, "clicked");
  await until(() => {
    online();
    expect(taken()).toEqual([
      ["b", "clicked"],
      ["b", "clicked"],
    ]);
  });
  await acknowledged();
});

test.each([
  ["there is no storage", () => vi.stubGlobal("localStorage", undefined)],
  ["the storage is refused", () => Object.defineProperty(globalThis, "localStorage", { get: refuse, configurable: true })],
  ["the storage is full", () => vi.stubGlobal("localStorage", new Proxy({}, { set: refuse }))],
])("when %s, its memory has to do", async (_, arrange) => {
  arrange();
  const mine = client();
  await shows(mine, "a", "b");
  mine.respond("a", "dismissed");
  await until(() => expect(taken()).toEqual([["a", "dismissed"]]));
});

function refuse(): never {
  throw new Error("QuotaExceededError");
}

test("what was done before there was a token is sent when there is one", async () => {
  let give: (token: string) => void;
  const mine = clientOf(api.url, { token: () => new Promise((done) => (give = done)) });
  mine.respond("a", "dismissed");
  give!(token());
  await until(() => expect(taken()).toEqual([["a", "dismissed"]]));
});
