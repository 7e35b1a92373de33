// A service, bundled as the guide's page on bundlers says, and run where there is no more than it was packed with.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { m2mClient } = require('./support');

const root = path.join(__dirname, '..');
const TOOLS = path.join(__dirname, 'bundlers');
const PROGRAM = `
import { Client, InvalidTokenError } from 'stytch-m2m';
import { requireToken } from 'stytch-m2m/express';
const { m2m } = new Client();
const { client_id, client_secret } = process.env;
const { access_token } = await m2m.token({ client_id, client_secret });
const claims = await m2m.authenticateToken({ access_token });
const refused = await m2m.authenticateToken({ access_token: 'x' }).catch((error) => error instanceof InvalidTokenError);
console.log(claims.client_id === client_id, refused, typeof requireToken({ verifier: m2m }));
`;

const BUNDLERS = {
  async 'esbuild, with the package left outside'(source, out) {
    const { build } = tool('esbuild');
    const options = { bundle: true, platform: 'node', format: 'esm', external: ['stytch-m2m'], logLevel: 'silent' };
    await build({ ...options, entryPoints: [source], outfile: path.join(out, 'bundle.mjs') });
    install(out);
    return 'bundle.mjs';
  },
  async 'esbuild, with the native module copied beside the bundle'(source, out) {
    const { build } = tool('esbuild');
    const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
    const options = { bundle: true, platform: 'node', format: 'esm', loader: { '.node': 'copy' }, banner, logLevel: 'silent' };
    await build({ ...options, entryPoints: [source], outdir: out, outExtension: { '.js': '.mjs' } });
    return 'service.mjs';
  },
  async 'webpack, with the package left outside'(source, out) {
    const webpack = tool('webpack');
    const config = {
      entry: source, mode: 'production', target: 'node',
      experiments: { outputModule: true, topLevelAwait: true },
      output: { path: out, filename: 'bundle.mjs', module: true, library: { type: 'module' } },
      externals: [({ request }, done) => (/^stytch-m2m(\/|$)/.test(request) ? done(null, `module ${request}`) : done())],
    };
    const stats = await new Promise((resolve, reject) => webpack(config, (error, stats) => (error ? reject(error) : resolve(stats))));
    assert(!stats.hasErrors(), stats.toString());
    install(out);
    return 'bundle.mjs';
  },
};

function tool(name) {
  return createRequire(path.join(TOOLS, 'package.json'))(name);
}

/** What `npm install` puts into a folder that is deployed. */
function install(folder) {
  const own = path.join(folder, 'node_modules', 'stytch-m2m');
  for (const part of ['package.json', 'dist', 'native']) fs.cpSync(path.join(root, part), path.join(own, part), { recursive: true });
}

for (const [name, bundle] of Object.entries(BUNDLERS)) {
  test(`first day 6: it works bundled by ${name}`, async (t) => {
    if (!fs.existsSync(path.join(TOOLS, 'node_modules'))) {
      assert(!process.env.CI, 'npm ci in test/bundlers');
      t.skip('npm ci in test/bundlers');
      return;
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stytch-m2m-'));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const [from, to] = [path.join(folder, 'from'), path.join(folder, 'to')];
    fs.mkdirSync(from);
    fs.mkdirSync(to);
    install(from);
    const source = path.join(from, 'service.mjs');
    fs.writeFileSync(source, PROGRAM);
    const file = await bundle(source, to);
    fs.rmSync(from, { recursive: true });
    const { client_id, client_secret } = await m2mClient(t);
    const env = { ...process.env, client_id, client_secret };
    const printed = execFileSync(process.execPath, [path.join(to, file)], { env, cwd: to, encoding: 'utf8' });
    assert.equal(printed, 'true true function\n');
  });
}
