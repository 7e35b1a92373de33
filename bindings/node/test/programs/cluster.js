// A primary and four workers, each with a client of its own. The primary has threads and connections
// before it starts the others.
'use strict';

const cluster = require('node:cluster');
const { once } = require('node:events');
const { Client } = require('stytch-m2m');

const { client_id, client_secret } = process.env;
const { m2m } = new Client();

async function verify() {
  const { access_token } = await m2m.token({ client_id, client_secret });
  return (await m2m.authenticateToken({ access_token })).client_id;
}

async function primary() {
  await verify();
  cluster.setupPrimary({ exec: __filename });
  const workers = Array.from({ length: 4 }, () => cluster.fork());
  const ended = workers.map(async (worker) => {
    const [[seen], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    return seen === client_id && code === 0;
  });
  console.log(...(await Promise.all(ended)));
}

async function worker() {
  const seen = await verify();
  // While the channel to the primary is open, a worker does not end by itself.
  process.send(seen, () => process.disconnect());
}

if (cluster.isPrimary) primary();
else worker();
