'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
require('./support');

const root = path.join(__dirname, '..');
const manifest = require('../package.json');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const quiet = ['--ignore-scripts', '--silent', '--no-audit', '--no-fund'];

/** An empty project with the packed package in it. */
const project = fs.mkdtempSync(path.join(os.tmpdir(), 'stytch-m2m-'));
let packed;

test.before(() => {
  [packed] = JSON.parse(run(root, npm, 'pack', ...quiet, '--json', '--pack-destination', project));
  fs.writeFileSync(path.join(project, 'package.json'), '{"private":true}');
  run(project, npm, 'install', '--offline', ...quiet, `./${packed.filename}`);
});
test.after(() => fs.rmSync(project, { recursive: true }));

function run(cwd, command, ...args) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`);
  }
}

test('nothing is packed but what users need', () => {
  const needed = /^(dist|native)\/[\w.-]+$|^(package\.json|README\.md|LICENSE-\w+)$/;
  const others = packed.files.map((file) => file.path).filter((file) => !needed.test(file));
  assert.deepEqual(others, []);
});

const SMOKE = `
  async function smoke({ Client, NotFoundError, TokenVerifier }) {
    const { m2m } = new Client();
    const { m2m_client } = await m2m.clients.create({ scopes: ['read:users'] });
    const { client_id, client_secret } = m2m_client;
    const { access_token } = await m2m.token({ client_id, client_secret });
    const { scopes } = await m2m.authenticateToken({ access_token });
    m2m.authenticateTokenSync({ access_token, required_scopes: scopes });
    await m2m.clients.delete({ client_id });
    const error = await m2m.clients.get({ client_id }).catch((error) => error);
    const aborted = await m2m.warmUp({ signal: AbortSignal.abort() }).catch((error) => error);
    console.log(scopes.join(), error instanceof NotFoundError, error.code, aborted.name);
  }`;
const SEEN = 'read:users true not_found AbortError\n';

test('first day 5: the licences are packed', () => {
  const files = packed.files.map((file) => file.path);
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md']) assert(files.includes(name), name);
});

test('it works in an empty project, required and imported', () => {
  const required = `${SMOKE} smoke(require('stytch-m2m'));`;
  assert.equal(run(project, process.execPath, '-e', required), SEEN);
  const imported = `${SMOKE} import * as stytch from 'stytch-m2m'; smoke(stytch);`;
  assert.equal(run(project, process.execPath, '--input-type=module', '-e', imported), SEEN);
  const subpaths = `
    import { requireToken } from 'stytch-m2m/express';
    import { stytchM2M } from 'stytch-m2m/fastify';
    import { tokenFetch } from 'stytch-m2m/fetch';
    import { attachTokens } from 'stytch-m2m/axios';
    import { tokenInterceptor } from 'stytch-m2m/undici';
    import { TokenGuard } from 'stytch-m2m/nest';
    import { Emulator } from 'stytch-m2m/testing';
    const all = [requireToken, stytchM2M, tokenFetch, attachTokens, tokenInterceptor, TokenGuard, Emulator];
    console.log(all.map((one) => typeof one).join(' '));`;
  const types = run(project, process.execPath, '--input-type=module', '-e', subpaths);
  assert.equal(types, `${Array(7).fill('function').join(' ')}\n`);
});

test('what Node imports by default is the module, as its types say', () => {
  const program = `${SMOKE}
    import stytch from 'stytch-m2m';
    import express from 'stytch-m2m/express';
    console.log(typeof express.requireToken);
    smoke(stytch);`;
  assert.equal(run(project, process.execPath, '--input-type=module', '-e', program), `function\n${SEEN}`);
});

/** The other runtimes, as npm brings them: `npm ci` in `runtimes`. */
const RUNTIMES = path.join(__dirname, 'runtimes', 'node_modules');
const PROGRAMS = { bun: ['@oven', 'bin/bun'], deno: ['@deno', 'deno', 'run', '--allow-all'] };

/** The program of a runtime: npm's own scripts, which would put it in its place, do not run. */
function programOf(scope, file) {
  const folder = path.join(RUNTIMES, scope);
  const platforms = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const programs = platforms.map((platform) => path.join(folder, platform, file));
  return programs.find((program) => spawnSync(program, ['--version']).status === 0);
}

for (const [runtime, [scope, name, ...args]] of Object.entries(PROGRAMS)) {
  test(`it works in ${runtime}`, (t) => {
    const program = programOf(scope, name);
    if (!program) {
      assert(!process.env.CI, `${runtime} is not there: \`npm ci\` in test/runtimes`);
      t.skip(`${runtime} is not installed`);
      return;
    }
    const file = path.join(project, 'smoke.mjs');
    fs.writeFileSync(file, `import * as stytch from 'stytch-m2m'; ${SMOKE} await smoke(stytch);`);
    assert.equal(run(project, program, ...args, file), SEEN);
  });
}

test('the committed loader and its types are what is built', () => {
  for (const name of ['index.js', 'index.d.ts']) {
    const [built, committed] = ['build', 'native'].map((folder) => path.join(root, folder, name));
    const same = fs.readFileSync(built, 'utf8') === fs.readFileSync(committed, 'utf8');
    assert(same, `native/${name} is not what is built: \`npm run generate\` and commit`);
  }
});

test('its types hold what strict consumers write', () => {
  // A consumer has a compiler and types of its own; ours stand in for them.
  for (const name of fs.readdirSync(path.join(root, 'node_modules'))) {
    const link = path.join(project, 'node_modules', name);
    if (!name.startsWith('.') && !fs.existsSync(link)) {
      fs.symlinkSync(path.join(root, 'node_modules', name), link, 'junction');
    }
  }
  fs.cpSync(path.join(__dirname, 'types'), project, { recursive: true });
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--target', 'es2022'];
  const compile = (...args) => run(project, process.execPath, tsc, ...strict, '--types', 'node', ...args);
  const files = fs.readdirSync(path.join(__dirname, 'types'));
  compile('--module', 'node16', ...files);
  const modules = files.filter((file) => file.endsWith('.mts'));
  compile('--module', 'preserve', '--moduleResolution', 'bundler', ...modules);

  // In a file that a bundler compiles, a default import would be undefined.
  for (const subpath of Object.keys(manifest.exports).filter((name) => !name.endsWith('.json'))) {
    const name = path.posix.join('stytch-m2m', subpath);
    fs.writeFileSync(path.join(project, 'default.ts'), `import it from '${name}'; console.log(it);`);
    const bundled = () => compile('--module', 'esnext', '--moduleResolution', 'bundler', 'default.ts');
    assert.throws(bundled, /has no default export/, name);
  }
});

/** The oldest compiler that is tested, which still has the resolution `node10`. */
const OLD_TSC = path.join(__dirname, 'frameworks/oldest/node_modules/typescript/bin/tsc');

test('first day 5: every subpath compiles under `node10`, and a default import that would crash does not', (t) => {
  if (!fs.existsSync(OLD_TSC)) {
    assert(!process.env.CI, 'npm ci in test/frameworks/oldest');
    t.skip('npm ci in test/frameworks/oldest');
    return;
  }
  const subpaths = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json'));
  const names = subpaths.map((subpath) => path.posix.join('stytch-m2m', subpath));
  const compile = (file, source) => {
    fs.writeFileSync(path.join(project, file), source);
    const options = ['--strict', '--skipLibCheck', '--esModuleInterop', '--target', 'es2022', '--types', 'node'];
    const old = ['--module', 'commonjs', '--moduleResolution', 'node10', '--outDir', 'out'];
    return run(project, process.execPath, OLD_TSC, ...options, ...old, file);
  };
  const used = names.map((name, index) => `import * as m${index} from '${name}'; console.log(Object.keys(m${index}).length > 0);`);
  compile('subpaths.ts', used.join('\n'));
  // What it compiled to runs: the tests' own frameworks are beside it.
  const output = run(project, process.execPath, path.join('out', 'subpaths.js'));
  assert.equal(output, 'true\n'.repeat(names.length));
  for (const name of names) {
    assert.throws(() => compile('default10.ts', `import it from '${name}'; console.log(it);`), /has no default export/, name);
  }
});

test('every subpath has types for compilers that do not read exports', () => {
  // TypeScript's `node10`: a subpath is a file, by `typesVersions`.
  const [folder] = manifest.typesVersions['*']['*'];
  for (const subpath of Object.values(manifest.exports).filter((file) => file.endsWith('.js'))) {
    const types = folder.replace('*', path.basename(subpath, '.js'));
    assert(fs.existsSync(path.join(project, 'node_modules', 'stytch-m2m', `${types}.d.ts`)), types);
  }
});
