// The emulator by a test runner's hooks.
'use strict';

const assert = require('node:assert/strict');
const runner = require('node:test');
const { useEmulator } = require('stytch-m2m/testing');
const { stytch } = require('./support');

const { describe, test } = runner;
const clients = [{ client_id: 'billing', client_secret: 'billing-secret-1', scopes: ['read:invoices'] }];
const grant = { client_id: 'billing', client_secret: 'billing-secret-1' };

describe('for all: an emulator for all tests of a file', () => {
  const emulator = useEmulator(runner, { seed: { clients } });
  const seen = new Set();

  for (const number of [1, 2]) {
    test(`test ${number} starts with the seed, whatever the one before did`, async () => {
      const { m2m } = new stytch.Client(emulator().settings);
      seen.add(emulator().base_url);
      await m2m.token(grant);
      assert.equal(await emulator().tokenRequests({ client_id: 'billing' }), 1);
      await m2m.clients.delete({ client_id: 'billing' });
      assert.equal(seen.size, 1);
    });
  }
});

describe('for all: an emulator for each test', () => {
  // As jest and vitest name them.
  const { before: beforeAll, beforeEach, after: afterAll } = runner;
  const emulator = useEmulator({ beforeAll, beforeEach, afterAll }, { seed: { clients }, scope: 'function' });
  const seen = new Set();

  for (const number of [1, 2]) {
    test(`test ${number} has a project of its own`, async () => {
      await new stytch.Client(emulator().settings).m2m.token(grant);
      seen.add(emulator().project_id);
      assert.equal(seen.size, number);
    });
  }
});

test('for all: what useEmulator cannot do with, it says', () => {
  const wrong = (field) => ({ code: 'invalid_config', field });
  assert.throws(() => useEmulator({}), wrong('hooks'));
  assert.throws(() => useEmulator(runner, { scope: 'module' }), wrong('scope'));
  assert.throws(() => useEmulator(runner, { port: 1 }), wrong('port'));
  assert.throws(() => useEmulator(runner, {}, 1), wrong('arguments'));
});
