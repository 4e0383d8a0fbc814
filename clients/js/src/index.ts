/** Offers of the person who looks, kept up to date, and what that person does with them. */

export { type Client, connect, type Listener, type Settings } from "./client.ts";
export type * from "./offer.ts";
