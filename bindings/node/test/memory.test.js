'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { node } = require('./support');

const MEGABYTE = 1 << 20;
/** 31 bytes for each of 100,000 verifications. */
const LIMIT = 3;

test('many verifications leave nothing behind', async () => {
  const { code, output } = await node(`
    const { Issuer, stytch } = require('./support');
    const issuer = new Issuer();
    const verifier = new stytch.TokenVerifier({ issuers: [issuer.config] });
    const tokens = [issuer.sign({ scope: 'a:b', nested: { list: [1, 2] } }), issuer.sign({ exp: 1 })];
    const run = async (times) => {
      for (let n = 0; n < times; n += 1) {
        const args = { access_token: tokens[n % 16 === 0 ? 1 : 0] };
        if (n % 2) try { verifier.authenticateTokenSync(args); } catch {}
        else await verifier.authenticateToken(args).catch(() => {});
      }
      gc();
      return process.memoryUsage.rss();
    };
    // What the process holds on to for a while is not left behind: something that is grows each time.
    (async () => {
      let before = await run(50_000);
      const grown = [];
      do {
        const after = await run(100_000);
        grown.push((after - before) / ${MEGABYTE});
        before = after;
      } while (grown.at(-1) > ${LIMIT} && grown.length < 8);
      console.log(JSON.stringify(grown));
    })();`, {}, ['--expose-gc']);
  assert.equal(code, 0, output);
  const grown = JSON.parse(output);
  const told = grown.map((megabytes) => megabytes.toFixed(1)).join(', ');
  console.log(`memory: ${told} MB more after each 100,000 verifications`);
  assert(grown.at(-1) <= LIMIT, `grew each time, by ${told} MB`);
});
