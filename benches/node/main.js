// Verification, cached tokens and import of stytch-m2m, beside its peers and the bare signature check.
// All take turns in one run, so that what disturbs one disturbs all. Turns are short, so that on a busy
// machine the best of them is undisturbed.
//
//     npm ci --ignore-scripts && npm start

import { importing } from './importing.js';
import { peers } from './peers.js';
import { raw } from './raw.js';
import { service } from './service.js';
import { TokenSource } from 'stytch-m2m';

const ROUNDS = 61;
/** Calls of a turn: a multiple of how many are made at once. */
const TIMES = 512;
const TOKENS = 4096;
const AT_ONCE = 64;
const WARM_UP = 4;

/** Microseconds that one of so many calls took. */
async function time(times, run) {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1000 / times;
}

const sequential = (verify) => async (tokens) => {
  for (const token of tokens) await verify(token);
};
const synchronous = (verify) => (tokens) => {
  for (const token of tokens) verify(token);
};
const atOnce = (verify) => async (tokens) => {
  for (let n = 0; n < tokens.length; n += AT_ONCE) {
    await Promise.all(tokens.slice(n, n + AT_ONCE).map((token) => verify(token)));
  }
};
const SHAPES = { 'one after another': sequential, sync: synchronous, '64 at once': atOnce };

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

const stub = await service();
const tokens = stub.tokens(TOKENS);
const check = await raw();
const source = new TokenSource({ ...stub.grant, project_id: stub.project_id, base_url: stub.url });

const work = [{ name: 'raw: AWS-LC, parsed key', run: () => check.round(TIMES) }];
for (const { name, shapes, verify } of await peers(stub)) {
  for (const shape of shapes) {
    const run = SHAPES[shape](verify);
    work.push({ name: `${name}, ${shape}`, run: (some) => time(TIMES, () => run(some)) });
  }
}
const cached = async () => {
  for (let n = 0; n < 20 * TIMES; n += 1) await source.getToken();
};
work.push({ name: 'TokenSource.getToken, cached', run: () => time(20 * TIMES, cached) });

const seen = work.map(() => []);
for (let round = -WARM_UP; round < ROUNDS; round += 1) {
  const first = ((round + WARM_UP) * TIMES) % TOKENS;
  const some = tokens.slice(first, first + TIMES);
  for (const [index, { run }] of work.entries()) {
    const microseconds = await run(some);
    if (round >= 0) seen[index].push(microseconds);
  }
}
check.end();
stub.close();

const [raws] = seen;
console.log(`${'microseconds a call'.padEnd(42)}   median    x raw     best    x raw`);
for (const [index, { name }] of work.entries()) {
  const [middle, best] = [median(seen[index]), Math.min(...seen[index])];
  const figures = [middle, middle / median(raws), best, best / Math.min(...raws)];
  console.log(name.padEnd(42), ...figures.map((figure) => figure.toFixed(2).padStart(8)));
}
console.log();
console.log(`${'import'.padEnd(44)}     ms        MB`);
for (const { name, milliseconds, megabytes } of importing()) {
  const figures = [milliseconds, megabytes].map((figure) => figure.toFixed(1).padStart(8));
  console.log(name.padEnd(42), ...figures);
}
