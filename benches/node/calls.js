// Tokens from the cache, and calls of the server.

import { Client, TokenSource } from 'stytch-m2m';
import { emit, measure, median, OURS } from './measure.js';
import { base_url, official, project_id, secret } from './peers.js';

const client_id = process.env.BENCH_CLIENT_ID;
const client_secret = process.env.BENCH_CLIENT_SECRET;
const CACHED = 5000;
const AT_ONCE = 1000;
const CALLS = 10;

export async function calls() {
  await cached();
  const runs = [];
  for (let run = 0; run < 20; run += 1) runs.push(await atOnce());
  emit('get_token, 1,000 at once', OURS, 'milliseconds', median(runs.map((run) => run.milliseconds)));
  emit('get_token, 1,000 at once', OURS, 'requests', Math.max(...runs.map((run) => run.requests)));
  await management();
}

const source = () => new TokenSource({ project_id, base_url, client_id, client_secret });

async function cached() {
  const standing = source();
  const { m2m } = new Client({ project_id, secret, base_url });
  const contenders = {
    [OURS]: async () => {
      for (let n = 0; n < CACHED; n += 1) await standing.getToken();
    },
    [`${OURS}, client.m2m.token`]: async () => {
      for (let n = 0; n < CACHED; n += 1) await m2m.token({ client_id, client_secret });
    },
  };
  await measure('get_token, cached', CACHED, contenders, { rounds: 50 });
}

/** Milliseconds until all have their first token, and how often the server was asked. */
async function atOnce() {
  const fresh = source();
  const start = process.hrtime.bigint();
  await Promise.all(Array.from({ length: AT_ONCE }, () => fresh.getToken()));
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  return { milliseconds, requests: Number(fresh.stats().refreshes) };
}

async function management() {
  const { m2m } = new Client({ project_id, secret, base_url });
  const peer = official();
  const authorization = `Basic ${btoa(`${project_id}:${secret}`)}`;
  const url = `${base_url}/v1/m2m/clients/${client_id}`;
  const callers = {
    [OURS]: () => m2m.clients.get({ client_id }),
    stytch: () => peer.m2m.clients.get({ client_id }),
    fetch: async () => (await fetch(url, { headers: { authorization } })).json(),
  };
  const rounds = Object.entries(callers).map(([who, call]) => [who, async () => {
    for (let n = 0; n < CALLS; n += 1) await call();
  }]);
  await measure('management call', CALLS, Object.fromEntries(rounds), { rounds: 50 });
}
