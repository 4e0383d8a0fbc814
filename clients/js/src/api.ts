/** How long before its end a token is not used any more, in ms: beyond the time a request takes. */
const EARLY_MS = 20_000;

/** Calls the API as one person, with a token that is asked for anew before it ends and when it is refused. */
export interface Api {
  /** Whom the token speaks for; "" before the first was given. */
  who: string;
  /** Asks for a token. */
  fresh(): Promise<void>;
  call(path: string, init: RequestInit): Promise<globalThis.Response>;
}

/** @param somebodyElse  called when a token is for somebody else than the first: nothing may be shown any more */
export function openApi(url: string, token: () => string | Promise<string>, somebodyElse: () => void): Api {
  let text = "";
  let account: string;
  let ends = 0;

  const ask = (path: string, init: RequestInit): Promise<globalThis.Response> => {
    init.headers = { ...init.headers, authorization: "Bearer " + text };
    return fetch(`${url}/v1/accounts/${encodeURIComponent(account)}/${path}`, init);
  };

  const api: Api = {
    who: "",
    async fresh() {
      text = await token();
      // what it says is read, not checked: the API alone judges it
      const claims = atob(text.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/"));
      const said = JSON.parse(decodeURIComponent(escape(claims))); // UTF-8 of what has a character for each byte
      account = said.sub;
      ends = said.exp * 1000;
      const who = [url, account, said.user].join("\n"); // no id has such a character
      if (api.who && api.who !== who) {
        somebodyElse();
        throw 0;
      }
      api.who = who;
    },
    async call(path, init) {
      if (ends - EARLY_MS < Date.now()) await api.fresh();
      const answer = await ask(path, init);
      if (answer.status !== 401) return answer;
      await api.fresh();
      return ask(path, init);
    },
  };
  return api;
}
