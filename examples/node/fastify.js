// A service on Fastify that answers callers with a good token alone: node fastify.js
//
// Its settings are STYTCH_PROJECT_ID and, for an emulator or a custom domain, STYTCH_BASE_URL. It needs
// no secret.

const fastify = require('fastify');
const { Client } = require('stytch-m2m');
const { stytchM2M } = require('stytch-m2m/fastify');

async function main() {
  const { m2m } = new Client();
  const app = fastify();
  await app.register(stytchM2M, { verifier: m2m });

  const mayRead = app.requireToken({ required_scopes: ['read:invoices'] });
  app.get('/invoices', { onRequest: mayRead }, async (request) => {
    return { caller: request.m2mClaims.client_id, invoices: [{ id: 1, amount: 100 }] };
  });

  app.get('/health', async (_request, reply) => {
    const [{ state }] = m2m.health();
    return reply.code(state === 'expired' ? 503 : 200).send({ keys: state });
  });

  // Fetched now, the first caller does not wait for the keys. If they are away, it will try again.
  await m2m.warmUp().catch((error) => console.error(`no keys yet: ${error.code}`));

  console.log(await app.listen({ port: process.env.PORT || 0, host: '127.0.0.1' }));
  process.on('SIGTERM', () => app.close());
}

main();
