'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { client, m2mClient, stytch } = require('./support');

const { clients } = client.m2m;

test('a client is created, read, changed, deactivated and deleted', async () => {
  const created = await clients.create({
    scopes: ['read:users', 'write:users'],
    client_name: 'lifecycle',
    client_description: 'of a test',
    trusted_metadata: { team: 'payments', nested: { list: [1, null, true] } },
  });
  assert.equal(created.status_code, 200);
  assert.match(created.request_id, /^request-id-test-/);
  const { client_id, client_secret, ...shown } = created.m2m_client;
  assert.equal(shown.client_secret_last_four, client_secret.slice(-4));
  assert.equal(shown.next_client_secret_last_four, null);
  assert.equal(shown.status, 'active');

  const read = await clients.get({ client_id });
  assert.deepEqual(read.m2m_client, { client_id, ...shown });

  const updated = await clients.update({
    client_id,
    client_name: 'renamed',
    scopes: ['read:users'],
    trusted_metadata: { team: null, floor: 3 },
  });
  assert.equal(updated.m2m_client.client_name, 'renamed');
  assert.equal(updated.m2m_client.client_description, 'of a test');
  assert.deepEqual(updated.m2m_client.scopes, ['read:users']);
  assert.deepEqual(
    { ...updated.m2m_client.trusted_metadata, nested: null },
    { floor: 3, nested: null },
  );

  const inactive = await clients.update({ client_id, status: 'inactive' });
  assert.equal(inactive.m2m_client.status, 'inactive');
  await assert.rejects(
    client.m2m.token({ client_id, client_secret }),
    stytch.AuthenticationError,
  );

  const deleted = await clients.delete({ client_id });
  assert.equal(deleted.client_id, client_id);
  await assert.rejects(clients.get({ client_id }), (error) => {
    assert(error instanceof stytch.NotFoundError);
    assert.equal(error.status_code, 404);
    assert.equal(error.error_type, 'm2m_client_not_found');
    assert.match(error.request_id, /^request-id-test-/);
    return true;
  });
});

test('an id of its own is taken once', async (t) => {
  const { client_id } = await m2mClient(t, { client_id: 'my-own-id', client_secret: 'my-own-secret' });
  assert.equal(client_id, 'my-own-id');
  await assert.rejects(clients.create({ scopes: [], client_id }), { code: 'conflict' });
});

test('a secret is rotated, and a rotation is cancelled', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const { secrets } = clients;
  const accepted = (client_secret) =>
    client.m2m.token({ client_id, client_secret, force_refresh: true }).then(
      () => true,
      (error) => (assert.equal(error.code, 'authentication'), false),
    );

  const cancelled = await secrets.rotateStart({ client_id });
  const { next_client_secret: unused } = cancelled.m2m_client;
  assert.equal(cancelled.m2m_client.next_client_secret_last_four, unused.slice(-4));
  assert.deepEqual([await accepted(client_secret), await accepted(unused)], [true, true]);
  await assert.rejects(secrets.rotateStart({ client_id }), stytch.ConflictError);
  await secrets.rotateCancel({ client_id });
  assert.equal(await accepted(unused), false);

  const { m2m_client } = await secrets.rotateStart({ client_id });
  const rotated = await secrets.rotate({ client_id });
  assert.equal(rotated.m2m_client.next_client_secret_last_four, null);
  assert.deepEqual(
    [await accepted(client_secret), await accepted(m2m_client.next_client_secret)],
    [false, true],
  );
});

test('a search pages, and for await sees all', async (t) => {
  const client_name = `search ${process.pid}`;
  const made = [];
  for (let n = 0; n < 5; n += 1) made.push((await m2mClient(t, { client_name })).client_id);
  const query = { operator: 'AND', operands: [{ filter_name: 'client_name', filter_value: [client_name] }] };

  const first = await clients.search({ limit: 2, query });
  assert.equal(first.m2m_clients.length, 2);
  assert.equal(first.results_metadata.total, 5);
  const second = await clients.search({ limit: 2, query, cursor: first.results_metadata.next_cursor });
  const both = [...first.m2m_clients, ...second.m2m_clients].map((found) => found.client_id);
  assert.equal(new Set(both).size, 4);

  const all = [];
  for await (const found of clients.searchAll({ limit: 2, query })) all.push(found.client_id);
  assert.deepEqual(all.sort(), made.sort());
  for await (const found of clients.searchAll({ limit: 2, query })) {
    assert.equal(found.client_name, client_name);
    break;
  }
});
