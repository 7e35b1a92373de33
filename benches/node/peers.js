import { JwtRsaVerifier } from 'aws-jwt-verify';
import { createVerifier } from 'fast-jwt';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { B2BClient as OfficialClient } from 'stytch';
import { B2BClient } from 'stytch-m2m';

const ALL = ['one after another', '64 at once'];
const required_scopes = ['read:users'];

/** The same verification by each: signature, times, issuer, audience, and scopes where it has them. */
export async function peers({ project_id, issuer, jwks, publicKey, url }) {
  const { m2m } = new B2BClient({ project_id, base_url: url });
  await m2m.warmUp();
  const official = new OfficialClient({ project_id, secret: 'secret', env: url }).m2m;
  const keys = createLocalJWKSet(jwks);
  const options = { issuer, audience: project_id, algorithms: ['RS256'] };
  const fast = createVerifier({
    key: publicKey, algorithms: ['RS256'], allowedIss: issuer, allowedAud: project_id, cache: false,
  });
  const aws = JwtRsaVerifier.create({ issuer, audience: project_id, jwksUri: `${url}/jwks`, scope: required_scopes });
  aws.cacheJwks(jwks);
  return [
    {
      name: 'stytch-m2m',
      shapes: ALL,
      verify: (access_token) => m2m.authenticateToken({ access_token, required_scopes }),
    },
    {
      name: 'stytch-m2m off_thread',
      shapes: ALL,
      verify: (access_token) => m2m.authenticateToken({ access_token, required_scopes, off_thread: true }),
    },
    {
      name: 'stytch-m2m',
      shapes: ['sync'],
      verify: (access_token) => m2m.authenticateTokenSync({ access_token, required_scopes }),
    },
    {
      name: 'stytch',
      shapes: ALL,
      verify: (access_token) => official.authenticateToken({ access_token, required_scopes }),
    },
    { name: 'jose', shapes: ALL, verify: (token) => jwtVerify(token, keys, options) },
    { name: 'fast-jwt', shapes: ['sync'], verify: fast },
    { name: 'aws-jwt-verify', shapes: ['sync'], verify: (token) => aws.verifySync(token) },
  ];
}
