// Builds the native module and puts it where the loader looks first. With `--generate` it also replaces
// the loader and its types, which are committed; a test compares them with what is built.

import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The command comes by npx, for most of what it depends on is for other platforms and other uses.
const NAPI = ['run', 'napi', '--'];
const GENERATED = ['index.js', 'index.d.ts'];
const root = fileURLToPath(new URL('..', import.meta.url));

const build = ['build', '--platform', '--release', '--output-dir', 'build', '--js', 'index.js', '--dts', 'index.d.ts'];
const options = { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' };
const { status, error } = spawnSync('npm', [...NAPI, ...build], options);
if (error) console.error(`stytch-m2m: cannot start npm: ${error.message}`);
if (status !== 0) process.exit(1);

const binary = readdirSync(`${root}build`).filter((name) => name.endsWith('.node'));
for (const name of process.argv.includes('--generate') ? [...binary, ...GENERATED] : binary) {
  // Renamed into place, for a running process may have the old one mapped.
  copyFileSync(`${root}build/${name}`, `${root}native/${name}.new`);
  renameSync(`${root}native/${name}.new`, `${root}native/${name}`);
}
