'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
require('./support');

const root = path.join(__dirname, '..');
const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

function run(cwd, command, ...args) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`);
  }
}

/** An empty project with the packed package in it. */
function project(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'stytch-m2m-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const flags = ['--ignore-scripts', '--silent'];
  const [packed] = JSON.parse(run(root, npm, 'pack', ...flags, '--json', '--pack-destination', dir));
  fs.writeFileSync(path.join(dir, 'package.json'), '{"private":true}');
  run(dir, npm, 'install', '--offline', '--no-audit', '--no-fund', ...flags, `./${packed.filename}`);
  return { dir, files: packed.files.map((file) => file.path) };
}

test('the packed package works in an empty project', (t) => {
  const { dir, files } = project(t);
  const unexpected = files.filter(
    (file) => !/^(dist|native)\/[\w.-]+$|^(package\.json|README\.md|LICENSE-\w+)$/.test(file),
  );
  assert.deepEqual(unexpected, []);

  const use = `
    const client = new Client();
    client.m2m.clients.create({ scopes: [] }).then(({ m2m_client: { client_id } }) =>
      client.m2m.clients.delete({ client_id })).then(({ status_code }) => console.log(status_code));`;
  const required = run(dir, process.execPath, '-e', `const { Client } = require('stytch-m2m'); ${use}`);
  assert.equal(required, '200\n');
  const source = `import { Client } from 'stytch-m2m'; ${use}`;
  const imported = run(dir, process.execPath, '--input-type=module', '-e', source);
  assert.equal(imported, '200\n');

  // A consumer has its own compiler and Node types; ours stand in for them.
  const types = path.join(dir, 'node_modules', '@types');
  fs.symlinkSync(path.join(root, 'node_modules', '@types'), types);
  fs.symlinkSync(
    path.join(root, 'node_modules', 'undici-types'),
    path.join(dir, 'node_modules', 'undici-types'),
  );
  fs.cpSync(path.join(__dirname, 'types'), dir, { recursive: true });
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--target', 'es2022', '--types', 'node'];
  run(dir, process.execPath, tsc, ...strict, '--module', 'node16', 'consumer.mts', 'consumer.cts');
  run(dir, process.execPath, tsc, ...strict, '--module', 'preserve', '--moduleResolution', 'bundler', 'consumer.mts');
});
