// Verification.

import { file, measure, OURS } from './measure.js';
import { asynchronous, ours, oursWith, synchronous } from './peers.js';

// Long enough for the caches to be one's own, short enough for most not to be disturbed.
const ROUND = 400;
const ROUNDS = 40;
const AT_ONCE = 64;

export async function verification(raw) {
  const tokens = lines('tokens.txt');
  const { verify, sync, offThread } = await ours();
  await work('verify, 10,000 tokens', raw, tokens, { [OURS]: sync, ...synchronous('jwks.json') });
  await work('verify, 10,000 tokens, claims read', raw, tokens, {
    [OURS]: (token) => read(sync(token)),
    ...synchronous('jwks.json'),
  });
  await awaited(raw, tokens, { [OURS]: verify, [`${OURS}, off thread`]: offThread, ...asynchronous() });
  for (const keys of [10, 100]) {
    const everyone = { [OURS]: oursWith(`jwks-${keys}.json`), ...synchronous(`jwks-${keys}.json`) };
    await work(`verify, ${keys} keys`, raw, tokens, everyone);
  }
  for (const size of [4, 12]) {
    const everyone = { [OURS]: sync, ...synchronous('jwks.json') };
    const tokens = `tokens-${size}k.txt`;
    await work(`verify, ${size} KB`, raw.of(tokens), lines(tokens), everyone);
  }
  await one(raw, tokens[0], sync);
}

/** All that the claims hold, as values. */
function read({ client_id, scopes, custom_claims, expires_at }) {
  return [client_id, scopes, Object.keys(custom_claims), expires_at];
}

async function awaited(raw, tokens, everyone) {
  const inTurn = (verify) => async (round) => {
    for (const token of share(tokens, round, ROUND)) await verify(token);
  };
  const together = (verify) => (round) => Promise.all(share(tokens, round, AT_ONCE).map(verify));
  await measure('verify, async', ROUND, mapped(everyone, inTurn), { rounds: ROUNDS, raw });
  await measure('verify, async, 64 at once', AT_ONCE, mapped(everyone, together), { rounds: ROUNDS, raw });
}

/** The same token again and again, as most come. */
async function one(raw, token, sync) {
  const tokens = Array(ROUND).fill(token);
  await work('verify, one token', raw, tokens, { [OURS]: sync, ...synchronous('jwks.json') });
  const remembering = await ours({ verified_token_cache_size: 10_000 });
  const units = 5000;
  const contenders = {
    [OURS]: () => {
      for (let n = 0; n < units; n += 1) remembering.sync(token);
    },
    [`${OURS}, awaited`]: async () => {
      for (let n = 0; n < units; n += 1) await remembering.verify(token);
    },
  };
  await measure('verify, one token, remembered', units, contenders, { rounds: 50 });
}

function work(name, raw, tokens, everyone) {
  const inRounds = (verify) => (round) => {
    for (const token of share(tokens, round, ROUND)) verify(token);
  };
  return measure(name, ROUND, mapped(everyone, inRounds), { rounds: ROUNDS, raw });
}

function mapped(everyone, wrap) {
  return Object.fromEntries(Object.entries(everyone).map(([who, verify]) => [who, wrap(verify)]));
}

/** The round's part. */
function share(tokens, round, size) {
  const start = (round % Math.floor(tokens.length / size)) * size;
  return tokens.slice(start, start + size);
}

function lines(name) {
  return file(name).trimEnd().split('\n');
}
