'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const test = require('node:test');
const { client, m2mClient } = require('./support');

test("the snippet of Stytch's guide runs with only its import changed", async (t) => {
  const { client_id, client_secret } = await m2mClient(t, { scopes: ['write:settings'] });
  const { access_token } = await client.m2m.token({ client_id, client_secret });
  const snippet = `
    const { STYTCH_PROJECT_ID: project_id, STYTCH_SECRET: secret, access_token } = process.env;
    const stytch = require('stytch-m2m');
    const client = new stytch.B2BClient({ project_id, secret });
    (async () => {
      const response = await client.m2m.authenticateToken({
        access_token,
        required_scopes: ['write:settings'],
      });
      console.log(response.client_id, response.scopes, response.custom_claims);
    })();`;
  const env = { ...process.env, access_token };
  const printed = execFileSync(process.execPath, ['-e', snippet], { cwd: __dirname, env });
  assert.equal(
    printed.toString().trim(),
    `${client_id} [ 'write:settings' ] [Object: null prototype] {}`,
  );
});
