// The emulator's package, as npm would have laid it out in a project whose tests need it.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { until } = require('./support');

const root = path.join(__dirname, '..');
const { STYTCH_M2M_EMULATOR, ...inherited } = process.env;
const name = path.basename(STYTCH_M2M_EMULATOR);
// Nothing else tells where the program is.
const env = { ...inherited, PATH: path.dirname(process.execPath) };

/** As npm has them for this platform: its module is there already. */
function platform() {
  const module = fs.readdirSync(path.join(root, 'native')).find((name) => name.endsWith('.node'));
  return module.replace(/^stytch-m2m\.|\.node$/g, '');
}

/** What cargo leaves for a platform, as `scripts/pack.mjs` takes it. */
function built(folder) {
  const native = path.join(root, 'native', `stytch-m2m.${platform()}.node`);
  const module = { darwin: 'libstytch_m2m_node.dylib', win32: 'stytch_m2m_node.dll' }[process.platform];
  fs.symlinkSync(native, path.join(folder, module ?? 'libstytch_m2m_node.so'));
  fs.symlinkSync(STYTCH_M2M_EMULATOR, path.join(folder, name));
  return folder;
}

/** A project with the packages that were packed. */
let project;
test.before(() => {
  project = fs.mkdtempSync(path.join(os.tmpdir(), 'stytch-m2m-'));
  const [out, from] = ['packages', 'built'].map((name) => path.join(project, name));
  fs.mkdirSync(from);
  const pack = [path.join(root, 'scripts', 'pack.mjs'), out, `${platform()}=${built(from)}`];
  execFileSync(process.execPath, pack, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  fs.writeFileSync(path.join(project, 'package.json'), '{"private":true}');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const packages = fs.readdirSync(out).map((file) => `./packages/${file}`);
  assert.equal(packages.length, 4);
  const quiet = ['--offline', '--ignore-scripts', '--silent', '--no-audit', '--no-fund'];
  execFileSync(npm, ['install', ...quiet, ...packages], { cwd: project, shell: process.platform === 'win32' });
});
test.after(() => fs.rmSync(project, { recursive: true }));

test('for all: the emulator is a package, which stytch-m2m/testing starts', () => {
  const program = `
    const { Client } = require('stytch-m2m');
    const { Emulator } = require('stytch-m2m/testing');
    Emulator.start().then(async (emulator) => {
      const { m2m_client } = await new Client(emulator.settings).m2m.clients.create({ scopes: [] });
      console.log(m2m_client.status);
      await emulator.stop();
    });`;
  assert.equal(execFileSync(process.execPath, ['-e', program], { cwd: project, env, encoding: 'utf8' }), 'active\n');
});

test('for all: npx runs the emulator, and its end is the program\'s', async (t) => {
  const run = path.join(project, 'node_modules', 'stytch-m2m-emulator', 'bin.js');
  const manifest = JSON.parse(fs.readFileSync(path.join(path.dirname(run), 'package.json'), 'utf8'));
  assert.equal(path.join(path.dirname(run), manifest.bin['stytch-m2m-emulator']), run);
  assert.match(execFileSync(process.execPath, [run, '--version'], { encoding: 'utf8' }), /^stytch-m2m-emulator \d/);
  const wrong = spawn(process.execPath, [run, '--no-such-option'], { stdio: 'ignore' });
  assert.deepEqual(await once(wrong, 'exit'), [2, null]);
  if (process.platform === 'win32') return;

  const child = spawn(process.execPath, [run], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  await until('it is ready', () => /STYTCH_BASE_URL=\S+\n/.test(said));
  const [url] = /http:\S+/.exec(said);
  assert.equal((await fetch(`${url}/_emulator/health`)).ok, true);
  child.kill('SIGTERM');
  await once(child, 'exit');
  await assert.rejects(fetch(`${url}/_emulator/health`));
});

test('for all: without the package, the message says how to get it', () => {
  const folder = path.join(project, 'node_modules');
  const own = fs.readdirSync(folder).find((name) => name.startsWith('stytch-m2m-emulator-'));
  const [kept, away] = [path.join(folder, own), path.join(project, 'away')];
  const start = "require('stytch-m2m/testing').Emulator.start().catch((error) => console.log(error.message))";
  const say = () => execFileSync(process.execPath, ['-e', start], { cwd: project, env, encoding: 'utf8' });
  fs.renameSync(kept, away);
  try {
    assert.match(say(), new RegExp(`the package ${own} is not installed`));
  } finally {
    fs.renameSync(away, kept);
  }
  fs.renameSync(path.join(folder, 'stytch-m2m-emulator'), away);
  try {
    assert.match(say(), /npm install --save-dev stytch-m2m-emulator/);
  } finally {
    fs.renameSync(away, path.join(folder, 'stytch-m2m-emulator'));
  }
});
