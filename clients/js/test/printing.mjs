// Follows offers as a page does, for each account on standard input with its token, and prints the ids at every change.
import { readFileSync } from "node:fs";

import { connect } from "../dist/index.js";

globalThis.addEventListener ??= () => {}; // Node is never offline
if (!globalThis.navigator) globalThis.navigator = {};

const tokens = JSON.parse(readFileSync(0, "utf8"));
for (const [account, token] of Object.entries(tokens)) {
  const client = connect({ url: process.argv[2], token: () => token });
  client.watch((offers) => console.log(JSON.stringify([account, offers.map(({ id }) => id).sort()])));
}
