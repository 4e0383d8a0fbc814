/** What is promised of the package as a whole: its size, and that nothing is ever read as HTML. */

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { expect, test } from "vitest";

// @ts-expect-error - a script without types
import { bundle, DEMO } from "../build.mjs";

const AS_HTML = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|setHTML|srcdoc|\beval\b|new Function/;

test.each([
  ["the core", "src/index.ts", 2 * 1024],
  ["the core and the element", "src/element.ts", 4 * 1024],
])("%s are small enough, gzipped", async (_, entry, most) => {
  expect(gzipSync(await bundle(entry), { level: 9 }).length).toBeLessThanOrEqual(most);
});

test("nothing reads text as HTML or as code", () => {
  for (const name of readdirSync("src")) expect(readFileSync(`src/${name}`, "utf8"), name).not.toMatch(AS_HTML);
});

test("what reads text as HTML would be found", () => {
  expect("card.innerHTML = offer.content.title").toMatch(AS_HTML);
});

test("the page of the demo has what is built from this", async () => {
  expect(readFileSync(DEMO, "utf8"), "run: npm run build").toBe(await bundle("src/element.ts"));
});

test("a page that uses it gets nothing else along with it", () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(dependencies).toBeUndefined();
});
