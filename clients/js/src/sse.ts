/** Server-sent events out of bytes: https://html.spec.whatwg.org/multipage/server-sent-events.html */

/**
 * Takes the bytes of one stream, cut anywhere. An event counts when its empty line has come: what a cut leaves half is
 * never told, and its id neither.
 *
 * @param event  called with the name, the data and the position that is reached with it ("" forgets the position)
 * @param retry  called with the wait in ms that the server asks for
 * @param id     the position that the stream goes on from
 */
export function sseReader(
  event: (name: string, data: string, id: string) => void,
  retry: (ms: number) => void,
  id: string,
): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = "";
  let name = "";
  let data = "";

  const take = (line: string): void => {
    const [field, value = ""] = line.split(/: ?(.*)/s);
    if (!line) {
      if (data) event(name, data.slice(0, -1), id);
      name = data = "";
    }
    if (field === "data") data += value + "\n";
    if (field === "event") name = value;
    if (field === "id") id = value;
    if (field === "retry" && +value > 0) retry(+value);
  };

  return (bytes) => {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/); // a return at the end may be the first half of a line's end
    rest = lines.pop()!;
    lines.forEach(take);
  };
}
