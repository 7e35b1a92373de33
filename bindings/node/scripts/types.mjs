// Writes the loader and its types into `build`, of what compiling the crate left in the folder that the
// argument names: cargo was told of it by NAPI_TYPE_DEF_TMP_FOLDER. A test compares them with `native`.

import { realpathSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The command comes by npx, which puts it on the path. */
async function commandLine() {
  const folders = process.env.PATH.split(delimiter).map((folder) => join(folder, '..', '@napi-rs', 'cli'));
  const folder = folders.find((folder) => existsSync(folder));
  if (!folder) throw new Error('start me as `npm run build:types`');
  return import(pathToFileURL(join(realpathSync(folder), 'dist', 'index.js')));
}

const root = fileURLToPath(new URL('..', import.meta.url));
const outputDir = join(root, 'build');
const { napi, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { generateTypeDef, writeJsBinding } = await commandLine();

mkdirSync(outputDir, { recursive: true });
const typeDefDir = process.argv[2];
const { dts, exports: idents } = await generateTypeDef({ typeDefDir, cwd: root, declareBindingTarget: true });
writeFileSync(join(outputDir, 'index.d.ts'), dts);
const names = { binaryName: napi.binaryName, packageName: 'stytch-m2m', version };
await writeJsBinding({ ...names, platform: true, idents, jsBinding: 'index.js', outputDir, wasiFlavors: [] });
