// The front end of the made-up product: what people do goes to its backend, offers come from Rung.
import { connect } from "/static/rung-offers.js";

const WORDS = { storage_gb: "GB of files", transfer_gb: "GB to download", projects: "projects" };
const at = (id) => document.getElementById(id);

async function ask(path, init) {
  const answer = await fetch(path, init);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

function show(me) {
  for (const id of ["account", "plan", "stored_gb", "shared"]) at(id).textContent = me[id];
  at("room_gb").textContent = me.room_gb ?? "any number of";
  at("used").value = me.room_gb ? me.stored_gb / me.room_gb : 0;
  document.querySelector("[data-act=open_ticket]").hidden = me.ticket;
  document.querySelector("[data-act=close_ticket]").hidden = !me.ticket;
  document.querySelector("[data-act=buy]").hidden = me.plan !== "free";
}

async function act(name, option) {
  const query = option ? "?" + new URLSearchParams({ option }) : "";
  show(await (await ask(`/acts/${name}${query}`, { method: "POST" })).json());
  const line = document.createElement("li");
  line.textContent = `${name} ${option ?? ""}`;
  at("told").prepend(line);
}

function describe({ id, price, saving, gains }) {
  const cost = price ? `${price.amount} ${price.currency} a ${price.term}${price.per_seat ? " and seat" : ""}` : "";
  const less = saving ? `${saving.percent} % less` : "";
  return [id, cost, less, ...gains.map(({ what, after }) => `${after} ${WORDS[what] ?? what}`)].filter(Boolean);
}

const me = await (await ask("/me")).json();
show(me);
const client = connect({ url: me.api, token: async () => (await ask("/token")).text() });
for (const element of document.querySelectorAll("rung-offers")) {
  element.describe = describe;
  element.client = client;
}
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => act(button.dataset.act, button.dataset.option));
}
// to choose here is to buy: the fact that it was bought comes from the backend, never from the page
document.addEventListener("rung-choose", ({ detail }) => detail.option && act("buy", detail.option.id));
addEventListener("focus", async () => show(await (await ask("/me")).json())); // another tab may have done something
