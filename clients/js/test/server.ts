/** A real HTTP server that speaks as the offer API does, and fails as it is told to. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Offer, Response } from "../src/offer.ts";

/** A change of an offer; its place in the log is its offset. */
export type Change = { offer: Offer } | { gone: string; why: string };

export interface Asked {
  method: string;
  path: string;
  token: string | undefined;
  lastId: string | undefined;
}

export function offer(id: string, more: Partial<Offer> = {}): Offer {
  return {
    id,
    offer: "more_storage",
    verb: "upgrade_to",
    state: "open",
    placements: ["banner"],
    content: { title: `Größer: ${id} 🎈` },
    options: [],
    evidence: [],
    after_a_no: { rule: "wait for higher step" },
    made_at: "2026-03-01T09:00:00Z",
    expires_at: "2099-03-04T09:00:00Z",
    ...more,
  };
}

/** In s since 1970: ten minutes from when the tests began. */
const ENDS = Math.floor(Date.now() / 1000) + 600;

/** An unsigned token: the client reads it and leaves judging to the API. */
export function token(account = "acme", more: object = {}): string {
  const claims = { sub: account, exp: ENDS, ...more };
  return ["{}", JSON.stringify(claims), ""].map((part) => Buffer.from(part).toString("base64url")).join(".");
}

export class Api {
  log: Change[] = [];
  asked: Asked[] = [];
  responses: Response[] = [];
  /** Bytes after which a stream is cut, for the next connections in turn; none: streams stay open. */
  cuts: number[] = [];
  /** Status to answer the next requests with, in turn, instead of what they ask for. */
  statuses: number[] = [];
  /** Streams give headers and then nothing, as behind a proxy that collects. */
  holdsBack = false;
  /** Responses are not taken just now. */
  takesNothing = false;
  /** Ids of offers whose life is over: a list with one of them is refused as a whole. */
  over = new Set<string>();
  /** Offsets before it can not be gone on from. */
  oldest = 0;
  retryMs = 5;
  /** Where it listens; also when it has stopped. */
  url = "";
  #server: Server;
  #streams = new Set<ServerResponse>();

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<Api> {
    const api = new Api();
    await new Promise<void>((done) => api.#server.listen(0, "127.0.0.1", done));
    api.url = `http://127.0.0.1:${(api.#server.address() as AddressInfo).port}`;
    return api;
  }


  get streams(): number {
    return this.#streams.size;
  }

  get streamsAsked(): Asked[] {
    return this.asked.filter(({ path }) => path.includes("/stream"));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done)); // no matter if it had stopped
  }

  /** Adds to the log and tells all that listen. */
  say(...changes: Change[]): void {
    for (const change of changes) {
      this.log.push(change);
      for (const stream of this.#streams) stream.write(written(change, this.log.length - 1));
    }
  }

  cutAll(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  /** What a new reader is sent who has seen all up to `lastId`. */
  backlog(lastId: string | undefined): Buffer {
    const since = lastId ? Number(lastId.split("-")[1]) : -1;
    const resync = lastId !== undefined && since < this.oldest;
    const last = new Map(this.log.map((change, offset) => [idOf(change), offset]));
    const events = this.log
      .map((change, offset) => ({ change, offset }))
      .filter(({ change, offset }) => last.get(idOf(change)) === offset && (resync || offset > since))
      .filter(({ change }) => ("offer" in change ? !this.#closed(change.offer.id) : lastId && !resync))
      .map(({ change, offset }) => written(change, offset));
    const begin = `retry: ${this.retryMs}\n\n` + (resync ? "event: resync\ndata: {}\nid: \n\n" : "");
    return Buffer.from(begin + events.join("") + ": \n\n");
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url!;
    const lastId = request.headers["last-event-id"] as string | undefined;
    this.asked.push({ method: request.method!, path, token: request.headers.authorization, lastId });
    const status = this.statuses.shift();
    if (this.takesNothing && request.method === "POST") response.writeHead(503).end();
    else if (status) response.writeHead(status).end();
    else if (request.method === "POST") this.#take(request, response);
    else if (path.includes("/stream")) this.#stream(lastId, response);
    else response.end(JSON.stringify({ offers: this.#open() }));
  }

  #open(): Offer[] {
    const known = new Map<string, Offer>();
    for (const change of this.log) {
      if ("offer" in change) known.set(change.offer.id, change.offer);
      else known.delete(change.gone);
    }
    return [...known.values()].filter(({ id }) => !this.#closed(id));
  }

  /** What was acknowledged counts from then on, also before the log has it. */
  #closed(id: string): boolean {
    return this.responses.some(({ offer, response }) => offer === id && /accepted|dismissed|snoozed/.test(response));
  }

  #stream(lastId: string | undefined, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    if (this.holdsBack) return;
    const bytes = this.backlog(lastId);
    const cut = this.cuts.shift();
    if (cut !== undefined && cut < bytes.length) {
      response.write(bytes.subarray(0, cut), () => response.destroy());
      return;
    }
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
    response.write(bytes);
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    let text = "";
    request.on("data", (part) => (text += part));
    request.on("end", () => {
      const given: Response[] = JSON.parse(text);
      const refused = given.some(({ offer }) => this.over.has(offer));
      if (!refused) this.responses.push(...given);
      response.writeHead(refused ? 409 : 202).end("{}");
    });
  }
}

function idOf(change: Change): string {
  return "offer" in change ? change.offer.id : change.gone;
}

function written(change: Change, offset: number): string {
  const [name, data] =
    "offer" in change ? ["offer", change.offer] : ["gone", { id: change.gone, why: change.why }];
  return `event: ${name}\ndata: ${JSON.stringify(data)}\nid: 0-${offset}\n\n`;
}
