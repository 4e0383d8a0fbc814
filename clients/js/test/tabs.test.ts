import { afterEach, beforeEach, expect, test } from "vitest";

import { type Client, connect } from "../src/index.ts";
import { browser } from "./browser.ts";
import { after, client as clientOf, ids, shows, until } from "./clients.ts";
import { Api, offer, token } from "./server.ts";

let api: Api;

beforeEach(async () => {
  browser({ shares: true });
  api = await Api.start();
  api.log = [{ offer: offer("a") }];
});

afterEach(() => api.stop());

const tab = (account = "acme", user?: string): Client =>
  clientOf(api.url, { token: () => token(account, { user }) });

test("many tabs have one stream, and all see the same", async () => {
  const tabs = [tab(), tab(), tab()];
  for (const one of tabs) await shows(one, "a");
  api.say({ offer: offer("b") }, { gone: "a", why: "revoked" });
  for (const one of tabs) await shows(one, "b");
  expect(api.streamsAsked).toHaveLength(1);
});

test("a tab that comes later is told what is known", async () => {
  await shows(tab(), "a");
  await shows(tab(), "a");
  expect(api.streamsAsked).toHaveLength(1);
});

test("when the tab that has the stream goes, another goes on from where it was", async () => {
  const first = tab();
  await shows(first, "a");
  const second = tab();
  await shows(second, "a");
  first.close();
  await until(() => expect(api.streamsAsked).toHaveLength(2));
  api.say({ offer: offer("b") });
  await shows(second, "a", "b");
  expect(api.streamsAsked[1]!.lastId).toBe("0-0");
});

test("what is dismissed in one tab leaves the others at once, also while nothing can be sent", async () => {
  const [first, second] = [tab(), tab()];
  await shows(first, "a");
  await shows(second, "a");
  api.statuses = Array(9).fill(503);
  second.respond("a", "dismissed");
  await shows(first);
  await shows(second);
});

test("a tab whose token is refused leaves the stream to another", async () => {
  const broken = clientOf(api.url, { token: () => token("acme", { exp: 0 }) });
  api.statuses = Array(99).fill(401);
  await until(() => expect(api.asked.length).toBeGreaterThan(3));
  const other = tab();
  const wake = setInterval(() => dispatchOnline(), 10);
  await until(() => expect(api.streamsAsked.some(({ token: sent }) => sent === `Bearer ${token()}`)).toBe(true));
  clearInterval(wake);
  api.statuses = [];
  other.close();
  broken.close();
});

let dispatchOnline = (): unknown => undefined;
beforeEach(() => {
  const { window } = browser({ shares: true });
  dispatchOnline = () => window.dispatchEvent(new Event("online"));
});

test.each([
  ["account", "globex", undefined],
  ["user", "acme", "eve"],
])("tabs of another %s share nothing", async (_, account, user) => {
  const mine = tab("acme", "maria");
  await shows(mine, "a");
  const theirs = tab(account, user);
  await shows(theirs, "a");
  expect(api.streamsAsked).toHaveLength(2);
  theirs.respond("a", "dismissed");
  await shows(theirs);
  await after(30);
  expect(ids(mine)).toEqual(["a"]);
});

test("without locks, as on a page without HTTPS, each has a stream of its own", async () => {
  browser();
  const tabs = [tab(), tab()];
  for (const one of tabs) await shows(one, "a");
  expect(api.streamsAsked).toHaveLength(2);
});

test("a client that is closed before it began never begins", async () => {
  connect({ url: api.url, token: () => token() }).close();
  await after(50);
  expect(api.asked).toEqual([]);
});
