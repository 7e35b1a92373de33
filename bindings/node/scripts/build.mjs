// Builds the native module and puts it where the loader looks first.

import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The platform as napi's loader names it. */
function platform() {
  const { platform, arch } = process;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  if (platform !== 'linux') return `${platform}-${arch}`;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return `linux-${arch}-${glibcVersionRuntime ? 'gnu' : 'musl'}`;
}

const { status, stdout, error } = spawnSync(
  'cargo',
  ['build', '--release', '--lib', '--message-format', 'json-render-diagnostics'],
  { cwd: root, encoding: 'utf8', maxBuffer: Infinity, stdio: ['ignore', 'pipe', 'inherit'] },
);
if (error) console.error(`stytch-m2m: cannot start cargo: ${error.message}`);
if (status !== 0) process.exit(1);

const artifacts = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
const built = artifacts.findLast(({ target }) => target?.kind.includes('cdylib'));
const binary = `${root}native/stytch-m2m.${platform()}.node`;
// Renamed into place, for a running process may have the old one mapped.
copyFileSync(built.filenames.find((file) => !file.endsWith('.lib')), `${binary}.new`);
renameSync(`${binary}.new`, binary);
