'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const test = require('node:test');
const { Worker } = require('node:worker_threads');
const { client, m2mClient, node, serve, stytch } = require('./support');

test('a process with a used client exits by itself', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const ended = await node(
    `const { Client } = require('stytch-m2m');
     const { m2m } = new Client();
     const { client_id, client_secret } = process.env;
     m2m.token({ client_id, client_secret })
       .then(({ access_token }) => m2m.authenticateToken({ access_token }))
       .then((claims) => console.log(claims.client_id));`,
    { client_id, client_secret },
  );
  assert.deepEqual([ended.code, ended.output], [0, `${client_id}\n`]);
  assert(ended.milliseconds < 20_000, `took ${ended.milliseconds} ms`);
});

test('process.exit with requests in flight is clean', async (t) => {
  let arrived = 0;
  const base_url = await serve(t, () => (arrived += 1));
  // A machine that is busy needs longer until a request arrives.
  for (let round = 0; round < 20 || (arrived === 0 && round < 200); round += 1) {
    const ended = await node(
      `const { Client } = require('stytch-m2m');
       const { m2m } = new Client({ base_url: process.env.base_url });
       for (let n = 0; n < 50; n += 1) m2m.clients.get({ client_id: 'id' });
       setTimeout(() => process.exit(7), ${round * 5});`,
      { base_url },
    );
    assert.deepEqual(ended, { ...ended, code: 7, signal: null, output: '' });
  }
  assert(arrived > 0);
});

test('a request without answer holds the process no longer than its timeout', async (t) => {
  const base_url = await serve(t, () => {});
  const ended = await node(
    `const { Client } = require('stytch-m2m');
     const { m2m } = new Client({ base_url: process.env.base_url, total_timeout_seconds: 0.5 });
     m2m.clients.get({ client_id: 'id' }).catch((error) => console.log(error.code));`,
    { base_url },
  );
  assert.deepEqual([ended.code, ended.output], [0, 'timeout\n']);
  assert(ended.milliseconds < 20_000, `took ${ended.milliseconds} ms`);
});

test('200 workers use the client and end, some of them in the middle of a call', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { Client } = require('stytch-m2m');
    const { m2m } = new Client();
    const { client_id, client_secret, leaves } = workerData;
    m2m.token({ client_id, client_secret })
      .then(({ access_token }) => m2m.authenticateToken({ access_token }))
      .then((claims) => {
        if (leaves) for (let n = 0; n < 10; n += 1) m2m.clients.get({ client_id });
        parentPort.postMessage(claims.client_id);
        if (leaves) process.exit(0);
      });`;
  let answered = 0;
  const work = async (n) => {
    const workerData = { client_id, client_secret, leaves: n % 2 === 0 };
    const worker = new Worker(source, { eval: true, workerData });
    worker.on('message', (id) => (answered += Number(id === client_id)));
    const [code] = await once(worker, 'exit');
    assert.equal(code, 0);
  };
  for (let n = 0; n < 200; n += 8) {
    await Promise.all(Array.from({ length: 8 }, (_, i) => work(n + i)));
  }
  assert.equal(answered, 200);
});

test('workers alone load and unload the module', async () => {
  const ended = await node(
    `const { Worker } = require('node:worker_threads');
     const source = "const { Client } = require('stytch-m2m');" +
       "new Client().m2m.clients.search({ limit: 1 }).then(() => require('node:worker_threads').parentPort.postMessage(1))";
     (async () => {
       let answers = 0;
       for (let n = 0; n < 20; n += 1) {
         const worker = new Worker(source, { eval: true });
         worker.on('message', () => (answers += 1));
         await new Promise((resolve) => worker.on('exit', resolve));
       }
       console.log(answers);
     })();`,
  );
  assert.deepEqual([ended.code, ended.signal, ended.output], [0, null, '20\n']);
});

test('a worker has settings of its own environment', async () => {
  const worker = new Worker(
    `const { Client } = require('stytch-m2m');
     require('node:worker_threads').parentPort.postMessage(new Client().project_id);`,
    { eval: true, env: { ...process.env, STYTCH_PROJECT_ID: 'project-test-of-worker' } },
  );
  const [project_id] = await once(worker, 'message');
  assert.equal(project_id, 'project-test-of-worker');
});

test('10,000 concurrent calls', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  const fresh = new stytch.Client();
  const verified = await Promise.all(
    Array.from({ length: 10_000 }, () => fresh.m2m.authenticateToken({ access_token })),
  );
  assert(verified.every((claims) => claims.client_id === client_id));
  const read = await Promise.all(
    Array.from({ length: 10_000 }, () => fresh.m2m.token({ client_id, client_secret })),
  );
  assert.equal(new Set(read.map((token) => token.access_token)).size, 1);
});

test('the workers of a cluster each have a client, and end', async (t) => {
  const { client_id, client_secret } = await m2mClient(t);
  const ended = await node(`require('./programs/cluster.js')`, { client_id, client_secret });
  assert.deepEqual([ended.code, ended.output], [0, 'true true true true\n']);
});
