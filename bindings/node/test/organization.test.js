'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { inspect } = require('node:util');
const { client, m2mClient, serve, stytch } = require('./support');

/** The emulator's organization, and how its API is used. */
async function organization() {
  const base_url = process.env.STYTCH_BASE_URL;
  const response = await fetch(`${base_url}/_emulator/credentials`);
  const { client_id, client_secret, authorization } = (await response.json()).organization;
  return { base_url, authorization: `Bearer ${authorization}`, client_id, client_secret };
}

test('an organization has a token, and rotates its secret', async () => {
  const { client_id, client_secret, ...settings } = await organization();
  const own = new stytch.OrganizationClient(settings);
  assert.equal(await own.clientId(), client_id);
  assert.equal(await own.clientSecret(), client_secret);
  const token = await own.token();
  assert.equal((await own.token()).access_token, token.access_token);
  assert(!inspect(token, { showHidden: true }).includes(token.access_token));
  await own.token({ force_refresh: true });
  const { hits, misses, refreshes } = own.stats();
  assert.deepEqual({ hits, misses, refreshes }, { hits: 1, misses: 2, refreshes: 2 });

  const rotated = await own.rotate();
  assert.notEqual(rotated, client_secret);
  assert.equal(await own.clientSecret(), rotated);
  await own.token();
  assert.equal(own.stats().refreshes, 3, 'the tokens of the old secret are dropped');

  own.close();
  const closed = { code: 'invalid_config', field: 'client', message: /is closed/ };
  const calls = [own.clientId, own.clientSecret, own.token, own.rotate, async () => own.stats()];
  for (const call of calls) await assert.rejects(() => call.call(own), closed);
});

test('an organization client names what is wrong', async (t) => {
  const good = { base_url: 'https://api.example.com', authorization: 'Bearer canary' };
  for (const [bad, field] of [
    [{ base_url: 'canary' }, 'base_url'],
    [{ base_url: undefined }, 'base_url'],
    [{ authorization: '' }, 'authorization'],
    [{ authorization: 'canary\n' }, 'authorization'],
    [{ token: 'canary' }, 'token'],
    [{ proxy: 'canary' }, 'proxy'],
  ]) {
    assert.throws(() => new stytch.OrganizationClient({ ...good, ...bad }), (error) => {
      assert.deepEqual([error.code, error.field], ['invalid_config', field]);
      return !inspect(error).includes('canary');
    });
  }
  assert(!inspect(new stytch.OrganizationClient(good), { showHidden: true }).includes('canary'));

  const base_url = await serve(t, () => {});
  const own = new stytch.OrganizationClient({ ...good, base_url });
  for (const call of [own.clientId, own.clientSecret, own.token, own.rotate]) {
    await assert.rejects(call.call(own, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  }
});

test('a rotation is proven, and what store throws comes through', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const { secrets } = client.m2m.clients;
  const underWay = async () => {
    const { m2m_client } = await client.m2m.clients.get({ client_id });
    return m2m_client.next_client_secret_last_four !== null;
  };
  const fetches = (client_secret) => client.m2m.token({ client_id, client_secret, force_refresh: true });

  const mine = new RangeError('the vault is full');
  const failing = { client_id, store: () => { throw mine; } };
  await assert.rejects(secrets.rotateWith(failing), (error) => error === mine);
  assert.equal(await underWay(), false);

  const controller = new AbortController();
  const { signal } = controller;
  const aborting = { client_id, signal, store: async () => controller.abort(mine) };
  await assert.rejects(secrets.rotateWith(aborting), (error) => error === mine);
  assert.equal(await underWay(), true, 'it is stored: callers may use it');
  await fetches(client_secret);
  await secrets.rotateCancel({ client_id });

  let stored;
  await secrets.rotateWith({ client_id, store: async (next) => (stored = next) });
  await assert.rejects(fetches(client_secret), { code: 'authentication' });
  await fetches(stored);

  await secrets.rotateStart({ client_id });
  const { m2m_client } = await secrets.recoverRotation({ client_id });
  const { next_client_secret } = m2m_client;
  await assert.rejects(
    secrets.rotateFinish({ client_id, next_client_secret: stored }),
    (error) => error.code === 'conflict' && error.message.includes(error.recovery),
  );
  assert.equal(await underWay(), true);
  await secrets.rotateFinish({ client_id, next_client_secret });
  await secrets.rotateFinish({ client_id, next_client_secret });
  for (const [bad, field] of [[{}, 'store'], [{ store: 7 }, 'store'], [{ stores: 7 }, 'stores']]) {
    await assert.rejects(secrets.rotateWith({ client_id, ...bad }), { code: 'invalid_config', field });
  }
});
