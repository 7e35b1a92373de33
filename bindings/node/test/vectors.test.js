// Every case of `tests/vectors`, as every language runs them.
'use strict';

const assert = require('node:assert/strict');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { test } = require('node:test');

const { unwrap } = require('../dist/call');
const { IssuerConfig, toNativeIssuer } = require('../dist/issuer');
const { native } = require('../dist/native');
const { ANY_ORGANIZATION } = require('../dist/required-organization');
// What `TokenVerifier` is, with a clock that stands still.
const { Verifying, refusesToken, tokenFromAuthorizationHeaders } = require('../dist/verify');

const FOLDER = join(__dirname, '../../../tests/vectors');

test('every token gets what it must', async (t) => {
  let ran = 0;
  const failures = [];
  for (const name of readdirSync(FOLDER).sort()) {
    const file = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
    for (const one of file.cases) {
      const { id, name, expect } = one;
      ran += 1;
      const seen = one.call ? bearer(one.call, one.given) : await judged(file, one);
      try {
        const wanted = expect.ok ?? expect;
        assert.equal('client_id' in seen, 'ok' in expect, JSON.stringify(seen));
        for (const member of Object.keys(wanted)) {
          assert.deepEqual(seen[member], wanted[member], member);
        }
      } catch (error) {
        failures.push(`${id} ${name}: ${error.message}`);
      }
    }
  }
  console.log(`vectors: ${ran} cases`);
  assert.ok(ran >= 600, 'cases are missing');
  assert.deepEqual(failures, []);
});

function refused({ code, reason = null, claim, field, missing_scopes, refusal = null }) {
  return { code, reason, claim, field, missing_scopes, refusal };
}

/** A case of `bearer.json`. */
function bearer(call, given) {
  const calls = {
    token_from_authorization_headers: () => ({ token: tokenFromAuthorizationHeaders(given.values) }),
    refuses_token: () => ({ refuses: refusesToken(given.status, given.www_authenticate) }),
    origins: () => ({ allows: unwrap(native.newOrigins(given.origins)).allows(given.url) }),
    missing_scopes: () => {
      return { missing: native.missingScopes(given.scopes, given.wildcard_scopes, given.required) };
    },
    insufficient_scope: () => unwrap(native.insufficientScope(given.missing)),
    error: () => unwrap(native.sampleErrors().find(({ err }) => err.code === given.code)),
  };
  try {
    return calls[call]();
  } catch (error) {
    return refused(error);
  }
}

/** An issuer of the files: settings, or a provider's with other keys. */
function settings({ preset, jwks, ...issuer }) {
  // What a case does not allow is not allowed.
  if (!preset) return { allow_missing_kid: false, ...issuer, jwks };
  const provider = IssuerConfig[preset](issuer.arguments);
  return { ...provider, jwks_url: undefined, discovery: undefined, jwks };
}

async function judged(file, { issuers = file.issuers, options, token, repeat = 1 }) {
  let claims;
  try {
    const declared = issuers.map((issuer) => toNativeIssuer(settings(issuer)));
    const verifier = new Verifying(unwrap(native.newTokenVerifier({ issuers: declared }, file.now)));
    const required = options?.organization?.any ? { organization: ANY_ORGANIZATION } : {};
    claims = await verifier.authenticateToken({ access_token: token.repeat(repeat), ...options, ...required });
  } catch (error) {
    return refused(error);
  }
  const seconds = (date) => date && date.getTime() / 1000;
  return {
    ...claims,
    token_id: claims.token_id ?? null,
    custom_claims: plain(claims.custom_claims),
    custom_claims_json: json(claims.custom_claims),
    issued_at: seconds(claims.issued_at),
    not_before: seconds(claims.not_before),
    expires_at: seconds(claims.expires_at),
  };
}

/** As JSON.parse would have made it. */
function plain(value) {
  return JSON.parse(json(value));
}

function json(value) {
  return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? JSON.rawJSON?.(`${v}`) ?? `@${v}@` : v)).replace(/"@(\d+)@"/g, '$1');
}
