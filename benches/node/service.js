import crypto from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';

const project_id = 'project-test-00000000-0000-0000-0000-000000000000';
const kid = 'jwk-test-1';

/** What verifiers ask for keys and sources for tokens, and the tokens. */
export async function service() {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
  const jwks = { keys: [jwk] };
  const server = http.createServer((request, response) => {
    const token = { access_token: 'a.b.c', token_type: 'bearer', expires_in: 3600 };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url.endsWith('/token') ? token : jwks));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `stytch.com/${project_id}`;
  return {
    project_id,
    issuer,
    jwks,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    url: `http://127.0.0.1:${server.address().port}`,
    grant: { client_id: 'm2m-client-test-1', client_secret: 'client-secret-1' },
    tokens: (count) => Array.from({ length: count }, (_, n) => sign(privateKey, issuer, n)),
    close: () => server.close(),
  };
}

/** An access token as Stytch makes them; no two are equal. */
function sign(privateKey, iss, number) {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'RS256', kid, typ: 'JWT' };
  const claims = { aud: [project_id], exp: now + 36_000, iat: now, nbf: now, iss };
  const payload = { ...claims, scope: 'read:users write:users', sub: `m2m-client-test-${number}` };
  const parts = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signature = crypto.sign('sha256', Buffer.from(parts.join('.')), privateKey);
  return [...parts, signature.toString('base64url')].join('.');
}
