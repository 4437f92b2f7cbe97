// Builds the browser pixel: dist/pixel.js and dist/debug.js, which the binary carries, and the package for
// bundlers. With --check it only says what would change.
import { build } from 'esbuild';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const version = readFileSync(join(here, '..', 'VERSION'), 'utf8').trim();
const notice = '/* SPDX-License-Identifier: Apache-2.0 */';
const outputs = [
  { from: 'src/script.ts', to: 'dist/pixel.js', format: 'iife', minify: true },
  { from: 'src/debug.ts', to: 'dist/debug.js', format: 'iife', minify: true },
  { from: 'src/package.ts', to: 'package/index.js', format: 'esm', minify: false },
];

async function make({ from, format, minify }) {
  const result = await build({
    entryPoints: [join(here, from)], bundle: true, write: false, format, minify, target: 'es2018', charset: 'utf8',
    define: { VERSION: JSON.stringify(`px-${version}`) }, banner: { js: notice }, legalComments: 'none',
  });
  return result.outputFiles[0].text;
}

let stale = 0;
for (const output of outputs) {
  const file = join(here, output.to);
  const text = await make(output);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (process.argv.includes('--check')) {
    console.log(`pixel/${output.to} is not what its source builds to: run npm run build in pixel/`);
    stale = 1;
  } else {
    writeFileSync(file, text);
  }
}
process.exit(stale);
