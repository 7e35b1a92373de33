// Compiled strictly: the middlewares within the types of their frameworks.

import express from 'express';
import { fastify } from 'fastify';
import { Client, TokenSource, TokenVerifier, type TokenClaims } from 'stytch-m2m';
import { requireToken } from 'stytch-m2m/express';
import { stytchM2M } from 'stytch-m2m/fastify';
import { tokenFetch } from 'stytch-m2m/fetch';

const { m2m } = new Client();

export const app = express();
app.get('/users', requireToken({ verifier: m2m, scopes: ['read:users'] }), (req, res) => {
  const claims: TokenClaims | undefined = req.auth;
  res.json(claims?.client_id);
});
// @ts-expect-error: scopes are a list
requireToken({ verifier: m2m, scopes: 'read:users' });

export const server = fastify();
await server.register(stytchM2M, { verifier: new TokenVerifier({ issuers: [] }) });
const onRequest = server.requireToken({ authorize: async () => true });
server.get('/users', { onRequest }, async (request) => request.auth?.client_id);

const source = new TokenSource({ client_id: 'id', client_secret: 'secret' });
const send: typeof fetch = tokenFetch({ source, origins: ['https://api.example.com'] });
export const response: Response = await send('https://api.example.com/users');
