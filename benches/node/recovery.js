// How soon keys and tokens are back once their server is, beside the official client: see `benches/README.md`.

import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Client as OfficialClient } from 'stytch';
import { Client, TokenSource } from 'stytch-m2m';

const { STYTCH_PROJECT_ID: project_id, STYTCH_SECRET: secret, STYTCH_BASE_URL: emulator } = process.env;
const credential = {
  client_id: process.env.BENCH_CLIENT_ID,
  client_secret: process.env.BENCH_CLIENT_SECRET,
};

const FAULTS = ['reset', '503', 'html', 'half a body', 'slow'];
const STATES = ['cold', 'steady', 'after rotation'];
const OURS = 'stytch-m2m';
const THEIRS = 'stytch';
/** Milliseconds between two calls of a caller: the resolution of what is measured. */
const STEP = 100;
/** `jose`, within the official client, asks for no unknown key within 30 s of its last fetch. */
const STEADY = 31_000;
/** The most that ours may be behind the official client, in milliseconds, and what measuring adds. */
const ALLOWED = 500 + STEP;

/** A way to the emulator that can be broken: for good, or for one request. */
async function proxy() {
  const faults = { current: null, once: null };
  const held = new Set();
  const server = createServer((incoming, answer) => {
    const fault = faults.once ?? faults.current;
    faults.once = null;
    const onward = request(emulator + incoming.url, { method: incoming.method, headers: incoming.headers });
    onward.on('error', () => incoming.socket.destroy());
    if (fault === 'reset') return incoming.socket.resetAndDestroy();
    if (fault === 'slow') return held.add(incoming.socket);
    if (fault === '503') return answer.writeHead(503).end();
    if (fault === 'html') return answer.writeHead(200, { 'content-type': 'text/html' }).end('<html>Back soon</html>');
    incoming.pipe(onward).on('response', async (reply) => {
      const body = Buffer.concat(await reply.toArray());
      const sent = fault === 'half a body' ? body.subarray(0, body.length / 2) : body;
      const { 'content-length': _, 'transfer-encoding': __, ...headers } = reply.headers;
      answer.writeHead(reply.statusCode, { ...headers, 'content-length': sent.length }).end(sent);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => server.closeAllConnections();
  return { url: `http://127.0.0.1:${server.address().port}`, faults, close, server };
}

/** Callers of one kind, of one client, in one state. */
async function caller(what, who, state) {
  const way = await proxy();
  const theirs = () => new OfficialClient({ project_id, secret, env: way.url });
  let call;
  if (what === 'keys') {
    const { m2m } = who === OURS ? new Client({ project_id, base_url: way.url }) : theirs();
    call = (access_token) => m2m.authenticateToken({ access_token });
  } else if (who === OURS) {
    const source = new TokenSource({ ...credential, project_id, base_url: way.url });
    call = () => source.getToken();
    call.refuse = async () => source.invalidate({ access_token: (await source.getToken()).access_token });
  } else {
    // It has no cache: each call is a request, in each state.
    const { m2m } = theirs();
    call = () => m2m.token(credential);
  }
  return { what, who, state, way, call };
}

/** The time from the end of the outage to the first answer that is good, in milliseconds. */
async function recovery({ what, way, call, state }, fault, outage, tokens) {
  const token = what === 'keys' ? tokens[state] : undefined;
  if (state === 'after rotation' && call.refuse) await call.refuse();
  let end;
  const good = new Promise((resolve) => {
    end = resolve;
  });
  let backAt = Infinity;
  let done = false;
  if (outage === 0) way.faults.once = fault;
  else way.faults.current = fault;
  const poll = async () => {
    try {
      await call(token);
    } catch {
      return;
    }
    if (performance.now() >= backAt && !done) {
      done = true;
      end(performance.now() - backAt);
    }
  };
  const timer = setInterval(poll, STEP);
  // One failure is seen by the first call, and by nobody else.
  const back = () => {
    way.faults.current = null;
    backAt = performance.now();
  };
  if (outage === 0) back();
  else setTimeout(back, outage);
  void poll();
  const late = await Promise.race([good, wait(outage + 90_000, Infinity)]);
  clearInterval(timer);
  return late;
}

async function measure(outage) {
  const callers = [];
  for (const what of ['keys', 'tokens']) {
    for (const state of STATES) {
      for (const fault of FAULTS) {
        for (const who of [OURS, THEIRS]) callers.push([await caller(what, who, state), fault]);
      }
    }
  }
  const old = (await new TokenSource({ ...credential, project_id, base_url: emulator }).getToken()).access_token;
  const warm = callers.filter(([{ state }]) => state !== 'cold');
  await Promise.all(warm.map(([{ what, call }]) => (what === 'keys' ? call(old) : call())));
  await wait(STEADY);
  await fetch(`${emulator}/_emulator/keys/rotate`, { method: 'POST' });
  const next = (await new TokenSource({ ...credential, project_id, base_url: emulator }).getToken()).access_token;
  const tokens = { cold: next, steady: old, 'after rotation': next };
  const measured = await Promise.all(
    callers.map(async ([one, fault]) => ({
      ...one,
      fault,
      late: await recovery(one, fault, outage, tokens),
    })),
  );
  for (const { way } of measured) {
    way.close();
    way.server.close();
  }
  return measured;
}

// The official client says at each construction that it is not asked at Stytch's own address.
console.warn = () => {};
const seconds = (late) => (late === Infinity ? 'never' : (late / 1000).toFixed(1));
let behind = 0;
console.log('| what | state | outage | fault | stytch-m2m | stytch |\n|---|---|---|---|--:|--:|');
for (const outage of [0, 1000, 3000, 60_000]) {
  const measured = await measure(outage);
  const name = outage === 0 ? '1 failure' : `${outage / 1000} s`;
  for (const ours of measured.filter(({ who }) => who === OURS)) {
    const { what, state, fault } = ours;
    const theirs = measured.find((one) =>
      one.who === THEIRS && one.what === what && one.state === state && one.fault === fault);
    const isBehind = ours.late > theirs.late + ALLOWED;
    behind += isBehind;
    const mark = isBehind ? ' behind' : '';
    console.log(
      `| ${what} | ${state} | ${name} | ${fault} | ${seconds(ours.late)} s${mark} | ${seconds(theirs.late)} s |`);
  }
}
console.log(behind === 0 ? '\nNever behind by more than half a second.' : `\nBehind ${behind} times.`);
process.exit(behind === 0 ? 0 : 1);
