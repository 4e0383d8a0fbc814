// Writes what the demo's page uses, and dist/index.js (the core) and dist/element.js (the core and the element): each one file, for a script tag.
import { mkdir, writeFile } from "node:fs/promises";

import { build } from "esbuild";
import { minify } from "terser";

/** Names of our own that nobody outside meets. */
const INNER = /^(call|closes|fresh|who)$/;

/** The page of the demo has a copy: to see it, nobody needs Node. */
export const DEMO = "../../services/demo/page/static/rung-offers.js";

/** The text of one bundle. */
export async function bundle(entry) {
  const bundled = await build({ entryPoints: [entry], bundle: true, format: "esm", target: "es2022", write: false });
  const small = await minify(bundled.outputFiles[0].text, {
    compress: { booleans_as_integers: true, ecma: 2022, passes: 3, unsafe_arrows: true },
    mangle: { properties: { regex: INNER } },
    module: true,
  });
  return small.code;
}

if (process.argv[1] === import.meta.filename) {
  await mkdir("dist", { recursive: true });
  for (const name of ["index", "element"]) await writeFile(`dist/${name}.js`, await bundle(`src/${name}.ts`));
  await writeFile(DEMO, await bundle("src/element.ts"));
}
