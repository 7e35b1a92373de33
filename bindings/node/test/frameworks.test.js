// The plugs with the oldest and the newest versions that the package claims of each framework: the same
// tests, run where those versions are installed (`npm ci` in `frameworks/oldest` and `frameworks/newest`).
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
require('./support');

const root = path.join(__dirname, '..');
// The emulator's package is no framework.
const { 'stytch-m2m-emulator': _, ...peerDependencies } = require('../package.json').peerDependencies;
const SUPPORT = ['support.js', 'keys.js', 'outgoing.js'];
const GUARDS = ['middleware.test.js', 'refused.test.js'];
const CLIENTS = ['outgoing.test.js', 'fetch.test.js'];

/** A folder with the package and the versions of `set`, as npm would lay them out. */
function project(t, set) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stytch-m2m-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const modules = path.join(folder, 'node_modules');
  const own = path.join(modules, 'stytch-m2m');
  fs.mkdirSync(own, { recursive: true });
  const installed = path.join(__dirname, 'frameworks', set, 'node_modules');
  for (const name of fs.readdirSync(installed).filter((name) => !name.startsWith('.'))) {
    fs.symlinkSync(path.join(installed, name), path.join(modules, name), 'junction');
  }
  // Copied, so that it finds these versions and not its own.
  for (const part of ['package.json', 'dist']) fs.cpSync(path.join(root, part), path.join(own, part), { recursive: true });
  fs.symlinkSync(path.join(root, 'native'), path.join(own, 'native'), 'junction');
  fs.mkdirSync(path.join(folder, 'test'));
  for (const name of [...SUPPORT, ...GUARDS, ...CLIENTS]) {
    fs.copyFileSync(path.join(__dirname, name), path.join(folder, 'test', name));
  }
  return folder;
}

function isInstalled(t, set) {
  const is = fs.existsSync(path.join(__dirname, 'frameworks', set, 'node_modules'));
  assert(is || !process.env.CI, `npm ci in test/frameworks/${set}`);
  if (!is) t.skip(`npm ci in test/frameworks/${set}`);
  return is;
}

function run(folder, files) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--test', '--test-reporter=spec', ...files.map((file) => path.join('test', file))];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout.slice(stdout.indexOf('failing tests'))}${stderr}`);
}

for (const set of ['oldest', 'newest']) {
  test(`first day 2: the guards work with the ${set} Express, Fastify and NestJS`, (t) => {
    if (isInstalled(t, set)) run(project(t, set), GUARDS);
  });

  test(`first day 2: the ${set} undici and axios send tokens along`, (t) => {
    if (!isInstalled(t, set)) return;
    const [major, minor] = process.versions.node.split('.').map(Number);
    const isTooOld = set === 'newest' && (major < 22 || (major === 22 && minor < 19));
    if (isTooOld) t.skip('undici 8 needs Node 22.19');
    else run(project(t, set), CLIENTS);
  });
}

test('first day 2: the versions that are claimed are those that are tested', () => {
  const versions = (set) => require(`./frameworks/${set}/package.json`).dependencies;
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  for (const [name, range] of Object.entries(peerDependencies)) {
    const [oldest, newest] = [versions('oldest')[name], versions('newest')[name]];
    assert(oldest.startsWith(range.replace('>=', '')), `${name}: ${range} and ${oldest}`);
    assert(readme.includes(`${oldest} to ${newest}`), `README.md does not say that ${name} is tested from ${oldest} to ${newest}`);
  }
});
