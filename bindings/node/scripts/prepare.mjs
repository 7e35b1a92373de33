// Leaves a usable package behind `npm install` and `npm pack`: builds what is not there.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function isUsable() {
  try {
    createRequire(import.meta.url)('../dist/index.js');
    return true;
  } catch {
    return false;
  }
}

function run(command, ...args) {
  // A surrounding `npm install -g` must not make this one global.
  const env = { ...process.env, npm_config_global: '' };
  const options = { cwd: root, env, stdio: 'inherit', shell: process.platform === 'win32' };
  const { status } = spawnSync(command, args, options);
  return status === 0;
}

function fail(message) {
  console.error(`stytch-m2m: ${message}`);
  process.exit(1);
}

if (!isUsable()) {
  if (spawnSync('cargo', ['--version']).status !== 0) {
    const platform = `${process.platform}-${process.arch}`;
    fail(`there is no prebuilt binary for ${platform}, and building one needs Rust's cargo`);
  }
  // npm leaves out the development dependencies of a folder that it only links.
  const hasTools = existsSync(`${root}node_modules/.bin/tsc`);
  if (!hasTools && !run('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund')) {
    fail('cannot install the build tools');
  }
  if (!run('npm', 'run', 'build')) fail('cannot build: see above');
}
