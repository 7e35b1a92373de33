'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { node } = require('./support');

const MEGABYTE = 1 << 20;

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
    (async () => {
      const before = await run(50_000);
      console.log(JSON.stringify({ before, after: await run(300_000) }));
    })();`, {}, ['--expose-gc']);
  assert.equal(code, 0, output);
  const { before, after } = JSON.parse(output);
  const grown = (after - before) / MEGABYTE;
  console.log(`memory: ${grown.toFixed(1)} MB more after 300,000 verifications`);
  assert(grown < 10, `grew by ${grown.toFixed(1)} MB`);
});
