import { expect, test } from "vitest";

import { sseReader } from "../src/sse.ts";

type Told = [name: string, data: string, id: string];

const STREAM = Buffer.from(
  "\ufeffretry: 1500\n\n: keep-alive\n\n" +
    'event: offer\ndata: {"title":"Größer 🎈"}\nid: 0-7\n\n' +
    "event:gone\r\ndata:a\r\ndata: b:c\r\nid:0-8\r\n\r\n" +
    "event: offer\rdata:  two spaces\rid: 0-9\r\r" +
    "event: no data\n\n" +
    "data\n\n" +
    "event: resync\ndata: {}\nid\n\nevent: last\ndata: x\n\n",
);

const TOLD: Told[] = [
  ["offer", '{"title":"Größer 🎈"}', "0-7"],
  ["gone", "a\nb:c", "0-8"],
  ["offer", " two spaces", "0-9"],
  ["", "", "0-9"],
  ["resync", "{}", ""],
  ["last", "x", ""],
];

function read(...parts: Uint8Array[]): { told: Told[]; retries: number[] } {
  const told: Told[] = [];
  const retries: number[] = [];
  const take = sseReader(
    (...event) => told.push(event),
    (ms) => retries.push(ms),
    "",
  );
  for (const part of parts) take(part);
  return { told, retries };
}

test("a stream is read as the standard says", () => {
  expect(read(STREAM)).toEqual({ told: TOLD, retries: [1500] });
});

test("it does not matter where a stream is cut into pieces", () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    expect(read(STREAM.subarray(0, cut), STREAM.subarray(cut)).told, `cut at ${cut}`).toEqual(TOLD);
  }
});

test("byte by byte is the same", () => {
  expect(read(...[...STREAM].map((byte) => Uint8Array.of(byte))).told).toEqual(TOLD);
});

test("what a cut leaves half is not told, and an id comes with its whole event alone", () => {
  for (let cut = 0; cut < STREAM.length; cut++) {
    const { told } = read(STREAM.subarray(0, cut));
    expect(told, `cut at ${cut}`).toEqual(TOLD.slice(0, told.length));
  }
});

test("a wait that is no number of milliseconds is not taken", () => {
  expect(read(Buffer.from("retry: soon\nretry: -5\nretry: 0\n\n")).retries).toEqual([]);
});
