// Those beside whom stytch-m2m does its work: each as strict as it can be set, keys made once.

import { createPublicKey } from 'node:crypto';
import { JwtRsaVerifier } from 'aws-jwt-verify';
import { createVerifier } from 'fast-jwt';
import { createLocalJWKSet, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { Client as OfficialClient } from 'stytch';
import { Client, IssuerConfig, TokenVerifier } from 'stytch-m2m';
import { file } from './measure.js';

export const { STYTCH_PROJECT_ID: project_id, STYTCH_SECRET: secret, STYTCH_BASE_URL: base_url } = process.env;
const issuer = `stytch.com/${project_id}`;
const required_scopes = ['read:users', 'write:users'];

export const official = () => new OfficialClient({ project_id, secret, env: base_url });

/** Ours, as it comes: keys fetched. */
export async function ours(settings = {}) {
  const { m2m } = new Client({ project_id, base_url, ...settings });
  await m2m.warmUp();
  return {
    verify: (access_token) => m2m.authenticateToken({ access_token, required_scopes }),
    sync: (access_token) => m2m.authenticateTokenSync({ access_token, required_scopes }),
    offThread: (access_token) => m2m.authenticateToken({ access_token, required_scopes, off_thread: true }),
  };
}

/** Ours, with the keys of the file `jwks`. */
export function oursWith(jwks) {
  const { jwks_url: _, ...config } = IssuerConfig.stytch({ project_id, base_url });
  const verifier = new TokenVerifier({ issuers: [{ ...config, jwks: file(jwks) }] });
  return (access_token) => verifier.authenticateTokenSync({ access_token, required_scopes });
}

/** Peers that answer at once, by name, with the keys of the file `jwks`. All read every claim. */
export function synchronous(jwks) {
  const set = JSON.parse(file(jwks));
  const keys = new Map(set.keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]));
  const aws = JwtRsaVerifier.create({
    issuer, audience: project_id, jwksUri: `${base_url}/jwks`, scope: required_scopes,
  });
  aws.cacheJwks(set);
  const fast = createVerifier({
    key: keys.get(set.keys[0].kid).export({ type: 'spki', format: 'pem' }),
    algorithms: ['RS256'], allowedIss: issuer, allowedAud: project_id, cache: false,
  });
  const options = { issuer, audience: project_id, algorithms: ['RS256'] };
  return {
    'fast-jwt': (token) => checkScopes(fast(token)),
    jsonwebtoken: (token) => {
      const { kid } = jsonwebtoken.decode(token, { complete: true }).header;
      return checkScopes(jsonwebtoken.verify(token, keys.get(kid), options));
    },
    'aws-jwt-verify': (token) => aws.verifySync(token),
  };
}

/** Peers that answer later. */
export function asynchronous() {
  const options = { issuer, audience: project_id, algorithms: ['RS256'] };
  const keys = createLocalJWKSet(JSON.parse(file('jwks.json')));
  const { m2m } = official();
  return {
    stytch: (access_token) => m2m.authenticateToken({ access_token, required_scopes }),
    jose: async (token) => checkScopes((await jwtVerify(token, keys, options)).payload),
  };
}

function checkScopes(claims) {
  const held = claims.scope.split(' ');
  if (!required_scopes.every((scope) => held.includes(scope))) throw new Error('a scope is missing');
  return claims;
}
