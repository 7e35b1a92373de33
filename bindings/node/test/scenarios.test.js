// Every scenario of `tests/scenarios`, as every language plays them. Its README is the specification.
'use strict';

const assert = require('node:assert/strict');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { test } = require('node:test');
const { stytch } = require('./support');

const FOLDER = join(__dirname, '../../../tests/scenarios');
const { SCENARIOS_PROJECT_ID: project_id, SCENARIOS_SECRET: secret } = process.env;
const { SCENARIOS_BASE_URL: emulator_url } = process.env;

class StoreFailed extends Error {
  code = 'store_failed';
}

/** Each call of a step, made of what a scenario has and of its arguments. */
const CALLS = {
  admin: (_, { method, path, body, ...others }) => {
    only(others, []);
    return admin(method, path, body === undefined ? undefined : JSON.stringify(body));
  },
  token: ({ m2m }, args) => m2m.token(args).then(shownToken),
  'source.get_token': ({ source }, args) => source.getToken(args).then(shownToken),
  'source.invalidate': async ({ source }, args) => source.invalidate(args) ?? null,
  authenticate_token: ({ m2m }, { authorize, organization, ...args }) =>
    m2m.authenticateToken({
      ...args,
      ...(authorize === undefined ? {} : { authorize: () => authorize }),
      ...(organization === undefined ? {} : { organization: organization.any ? stytch.ANY_ORGANIZATION : organization }),
    }),
  'clients.create': ({ m2m }, args) => m2m.clients.create(args).then(withSecret('client_secret')),
  'clients.get': ({ m2m }, args) => m2m.clients.get(args),
  'clients.search': ({ m2m }, args) => m2m.clients.search(args),
  'clients.search_all': async ({ m2m }, args) => {
    const found = [];
    for await (const client of m2m.clients.searchAll(args)) found.push(client);
    return found;
  },
  'clients.update': ({ m2m }, args) => m2m.clients.update(args),
  'clients.delete': ({ m2m }, args) => m2m.clients.delete(args),
  'secrets.rotate_start': ({ m2m }, args) =>
    m2m.clients.secrets.rotateStart(args).then(withSecret('next_client_secret')),
  'secrets.recover_rotation': ({ m2m }, args) =>
    m2m.clients.secrets.recoverRotation(args).then(withSecret('next_client_secret')),
  'secrets.rotate': ({ m2m }, args) => m2m.clients.secrets.rotate(args),
  'secrets.rotate_cancel': ({ m2m }, args) => m2m.clients.secrets.rotateCancel(args),
  'secrets.rotate_finish': ({ m2m }, args) => m2m.clients.secrets.rotateFinish(args),
  'secrets.rotate_with': async ({ m2m }, { store_fails = false, ...args }) => {
    let stored;
    const store = async (secret) => {
      if (store_fails) throw new StoreFailed();
      stored = secret;
    };
    return { ...(await m2m.clients.secrets.rotateWith({ ...args, store })), stored };
  },
  'organization.client_id': async ({ organization }, args) => ({
    client_id: await organization.clientId(args),
  }),
  'organization.client_secret': async ({ organization }, args) => ({
    client_secret: await organization.clientSecret(args),
  }),
  'organization.rotate': async ({ organization }, args) => ({
    client_secret: await organization.rotate(args),
  }),
  'organization.token': ({ organization }, args) => organization.token(args).then(shownToken),
};

const ERROR_MEMBERS = [
  'code', 'field', 'status_code', 'request_id', 'error_type', 'error_message', 'error_url',
  'retry_after', 'reason', 'claim', 'missing_scopes', 'recovery', 'refusal',
];

test('every scenario goes as written', async () => {
  assert(project_id, 'SCENARIOS_PROJECT_ID is not set: run `cargo xtask test node`');
  let played = 0;
  const failures = [];
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort()) {
    const { about, seed, scenarios, ...others } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
    only(others, []);
    for (const scenario of scenarios) {
      played += 1;
      await play(seed, scenario).catch((error) => {
        failures.push(`${file}, ${scenario.name}: ${error.message}`);
      });
    }
  }
  console.log(`scenarios: ${played} cases`);
  assert(played >= 80, `only ${played} scenarios were found`);
  assert.deepEqual(failures, []);
});

async function play(seed, scenario) {
  only(scenario, ['name', 'settings', 'source', 'organization', 'steps', 'hits']);
  await admin('PUT', '/_emulator/seed', JSON.stringify(seed));
  await admin('POST', '/_emulator/keys/retire');
  const world = worldOf(scenario);
  const saved = { project_id };
  for (const [index, step] of scenario.steps.entries()) {
    try {
      await take(world, step, saved);
    } catch (error) {
      throw new Error(`step ${index + 1}, ${step.call}: ${error.message}`);
    }
  }
  const counts = Object.entries(await admin('GET', '/_emulator/counts'));
  assert.deepEqual(Object.fromEntries(counts.filter(([, count]) => count > 0)), scenario.hits);
  for (const service of Object.values(world)) service?.close?.();
}

function worldOf({ settings = {}, source, organization }) {
  only(settings, ['secret', 'base_url', 'attempt_timeout_seconds', 'total_timeout_seconds']);
  const { secret: given = secret, base_url = emulator_url, ...timeouts } = settings;
  const common = { base_url, ...timeouts };
  const client = new stytch.Client({ project_id, secret: given, ...common });
  return {
    client,
    m2m: client.m2m,
    source: source && new stytch.TokenSource({ project_id, ...common, ...source }),
    organization: organization && new stytch.OrganizationClient({ ...common, ...organization }),
  };
}

async function take(world, step, saved) {
  only(step, ['call', 'with', 'repeat', 'concurrently', 'result', 'error', 'save']);
  const call = () => outcome(CALLS[step.call](world, fill(step.with ?? {}, saved)));
  assert(step.call in CALLS, 'there is no such call');
  assert(!(step.repeat && step.concurrently) && !(step.result && step.error), 'they exclude each other');
  const outcomes = await Promise.all(Array.from({ length: step.concurrently ?? 0 }, call));
  while (outcomes.length < (step.concurrently ?? step.repeat ?? 1)) outcomes.push(await call());
  for (const { result, error } of outcomes) {
    if (error && !step.error) throw error;
    if (step.error) matches(shownError(error), fill(step.error, saved), 'error');
    if ('result' in step) matches(result, fill(step.result, saved), 'result');
  }
  for (const [name, path] of Object.entries(step.save ?? {})) {
    assert.equal(outcomes.length, 1, 'saved from which call?');
    saved[name] = path.split('.').reduce((value, member) => value?.[member], outcomes[0].result);
    assert.equal(typeof saved[name], 'string', `the result has no ${path}`);
  }
}

function outcome(call) {
  return Promise.resolve(call).then((result) => ({ result }), (error) => ({ error }));
}

/** Objects may have more than is wanted, arrays may not. */
function matches(got, wanted, path) {
  if (Array.isArray(wanted)) {
    assert.equal(got?.length, wanted.length, `${path} has other items`);
    wanted.forEach((item, index) => matches(got[index], item, `${path}.${index}`));
  } else if (typeof wanted === 'object' && wanted !== null) {
    assert(typeof got === 'object' && got !== null, `${path} is no object`);
    for (const name of Object.keys(wanted)) matches(got[name], wanted[name], `${path}.${name}`);
  } else {
    assert.equal(got ?? null, wanted, path);
  }
}

/** `value` with what was saved in place of each `${name}`. */
function fill(value, saved) {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)\}/g, (_, name) => {
      assert(name in saved, `nothing is saved as ${name}`);
      return saved[name];
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => fill(item, saved));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item, saved)]));
}

function shownToken({ access_token, token_type, status_code }) {
  return { access_token, token_type, status_code };
}

/** What is not enumerable, in the clear. */
function withSecret(name) {
  return ({ m2m_client, ...response }) => ({
    ...response,
    m2m_client: { ...m2m_client, [name]: m2m_client[name] },
  });
}

function shownError(error) {
  assert(error, 'there is no error');
  if (error instanceof StoreFailed) return { code: error.code };
  assert(error instanceof stytch.StytchM2MError, String(error));
  const shown = { missing_scopes: [], ...error, retry_after: error.retry_after_seconds, refusal: error.refusal };
  return Object.fromEntries(ERROR_MEMBERS.map((name) => [name, shown[name] ?? null]));
}

async function admin(method, path, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(emulator_url + path, { method, headers, body });
  const text = await response.text();
  assert(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

function only(members, known) {
  for (const name of Object.keys(members)) assert(known.includes(name), `${name} is unknown`);
}
