// The services on the Fetch API, in Node and in the runtimes that are installed for the package's own tests.

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { after, before, test } = require('node:test');
const { Emulator } = require('stytch-m2m/testing');

const RUNTIMES = join(__dirname, '../../bindings/node/test/runtimes/node_modules');
const seed = {
  clients: [
    { client_id: 'billing', client_secret: 'billing-secret-1', scopes: ['read:invoices'] },
    { client_id: 'stranger', client_secret: 'stranger-secret', scopes: ['read:news'] },
  ],
};
let emulator;
before(async () => (emulator = await Emulator.start({ seed })));
after(() => emulator.stop());

/** Sends the requests that standard input lists, and prints what they are answered with. */
const PROGRAM = (file) => `
  const service = await import(${JSON.stringify(`./${file}`)});
  const send = service.GET ?? service.default.fetch;
  const answers = [];
  for (const headers of JSON.parse(process.env.REQUESTS)) {
    const response = await send(new Request('http://127.0.0.1/invoices', { headers }));
    const { caller, error } = await response.json();
    answers.push([response.status, caller ?? error, response.headers.get('www-authenticate')]);
  }
  console.log(JSON.stringify(answers));`;

function program(scope, file) {
  const folder = join(RUNTIMES, scope);
  const found = (existsSync(folder) ? readdirSync(folder) : []).map((platform) => join(folder, platform, file));
  return found.find((path) => spawnSync(path, ['--version']).status === 0);
}

const RUNNERS = {
  node: () => [process.execPath],
  bun: () => [program('@oven', 'bin/bun')],
  deno: () => [program('@deno', 'deno'), 'run', '--allow-all'],
};

for (const [runtime, file] of [['node', 'web.mjs'], ['bun', 'web.mjs'], ['deno', 'web.mjs'], ['node', 'hono.mjs'], ['node', 'next-route.mjs']]) {
  test(`${file} answers callers with a good token alone, in ${runtime}`, async (t) => {
    const [command, ...args] = RUNNERS[runtime]();
    if (!command) {
      assert(!process.env.CI, `${runtime} is not there: npm ci in bindings/node/test/runtimes`);
      t.skip(`${runtime} is not installed`);
      return;
    }
    const bearer = async (args) => ({ authorization: `Bearer ${await emulator.issueToken(args)}` });
    const good = await bearer({ client_id: 'billing' });
    const expired = { issued_at_offset_seconds: -7200 };
    const requests = [
      good,
      {},
      await bearer({ client_id: 'billing', changes: expired }),
      await bearer({ client_id: 'stranger' }),
      { authorization: `${good.authorization}, ${good.authorization}` },
    ];
    // Beside the example, which it imports.
    const driver = join(__dirname, `.web-${process.pid}-${runtime}-${file}`);
    writeFileSync(driver, PROGRAM(file));
    t.after(() => rmSync(driver));
    const { STYTCH_SECRET: _, ...env } = { ...process.env, ...emulator.env, REQUESTS: JSON.stringify(requests) };
    const output = execFileSync(command, [...args, driver], { cwd: __dirname, env, encoding: 'utf8' });
    assert.deepEqual(JSON.parse(output), [
      [200, 'billing', null],
      [401, 'invalid_token', 'Bearer'],
      [401, 'invalid_token', 'Bearer error="invalid_token"'],
      [403, 'insufficient_scope', 'Bearer error="insufficient_scope", scope="read:invoices"'],
      [401, 'invalid_token', 'Bearer error="invalid_token"'],
    ]);
  });
}

test("the function of web.mjs takes a rule of one's own in place of the comparison of scopes", async (t) => {
  const driver = join(__dirname, `.web-rule-${process.pid}.mjs`);
  writeFileSync(driver, `
    import { requireToken } from './web.mjs';
    const required_scopes = ['read:invoices', 'read:reports'];
    const authorize = async (claims, any) => claims.missingScopes(any).length < any.length;
    const send = requireToken({ required_scopes, authorize }, (_, claims) => new Response(claims.client_id));
    const answers = [];
    for (const headers of JSON.parse(process.env.REQUESTS)) {
      const response = await send(new Request('http://127.0.0.1/', { headers }));
      answers.push([response.status, await response.text()]);
    }
    console.log(JSON.stringify(answers));`);
  t.after(() => rmSync(driver));
  const bearer = async (client_id) => ({ authorization: `Bearer ${await emulator.issueToken({ client_id })}` });
  const requests = [await bearer('billing'), await bearer('stranger')];
  const { STYTCH_SECRET: _, ...env } = { ...process.env, ...emulator.env, REQUESTS: JSON.stringify(requests) };
  const output = execFileSync(process.execPath, [driver], { cwd: __dirname, env, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(output), [[200, 'billing'], [403, '{"error":"insufficient_scope"}']]);
});

test('the function of web.mjs takes the organization from the request', async (t) => {
  const driver = join(__dirname, `.web-organization-${process.pid}.mjs`);
  writeFileSync(driver, `
    import { requireToken } from './web.mjs';
    const organization = async (request) => new URL(request.url).searchParams.get('tenant');
    const send = requireToken({ organization }, (_, claims) => new Response(claims.organization));
    const answers = [];
    for (const [query, headers] of JSON.parse(process.env.REQUESTS)) {
      answers.push((await send(new Request('http://127.0.0.1/' + query, { headers }))).status);
    }
    console.log(JSON.stringify(answers));`);
  t.after(() => rmSync(driver));
  const changes = { claims: { org_id: 'acme' } };
  const acme = { authorization: `Bearer ${await emulator.issueToken({ client_id: 'billing', changes })}` };
  const requests = ['?tenant=acme', '?tenant=globex', '', '?tenant='].map((query) => [query, acme]);
  const { STYTCH_SECRET: _, ...env } = { ...process.env, ...emulator.env, REQUESTS: JSON.stringify(requests) };
  const output = execFileSync(process.execPath, [driver], { cwd: __dirname, env, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(output), [200, 403, 403, 403]);
});
