// Compiled strictly: the middlewares within the types of their frameworks.

import { UseGuards } from '@nestjs/common';
import axios, { type AxiosInstance } from 'axios';
import express from 'express';
import { fastify } from 'fastify';
import { Client, TokenSource, TokenVerifier, type TokenClaims } from 'stytch-m2m';
import { attachTokens } from 'stytch-m2m/axios';
import { requireToken } from 'stytch-m2m/express';
import { stytchM2M } from 'stytch-m2m/fastify';
import { tokenFetch } from 'stytch-m2m/fetch';
import { TokenGuard } from 'stytch-m2m/nest';
import { Emulator, type Fault } from 'stytch-m2m/testing';
import { tokenInterceptor } from 'stytch-m2m/undici';
import { Agent, fetch as undiciFetch, type Dispatcher } from 'undici';

const { m2m } = new Client();

export const app = express();
app.get('/users', requireToken({ verifier: m2m, required_scopes: ['read:users'] }), (req, res) => {
  const claims: TokenClaims | undefined = req.m2mClaims;
  res.json(claims?.client_id);
});
// @ts-expect-error: scopes are a list
requireToken({ verifier: m2m, required_scopes: 'read:users' });

export const server = fastify();
await server.register(stytchM2M, { verifier: new TokenVerifier({ issuers: [] }) });
const onRequest = server.requireToken({ authorize: async () => true });
server.get('/users', { onRequest }, async (request) => request.m2mClaims?.client_id);

const source = new TokenSource({ client_id: 'id', client_secret: 'secret' });
const send: typeof fetch = tokenFetch({ source, origins: ['https://api.example.com'] });
export const response: Response = await send('https://api.example.com/users');
const origins = ['https://api.example.com'];
export const other: typeof undiciFetch = tokenFetch({ source, origins, fetch: undiciFetch });
export const dispatcher: Dispatcher = new Agent().compose(tokenInterceptor({ source, origins }));
export const instance: AxiosInstance = axios.create();
export const detach: () => void = attachTokens(instance, { source, origins });

export const guard: MethodDecorator & ClassDecorator = UseGuards(
  new TokenGuard({ verifier: m2m, required_scopes: ['read:users'] }),
);

export async function emulated(): Promise<string> {
  await using emulator = await Emulator.start({ seed: { clients: [{ client_id: 'billing' }] } });
  const fault: Fault = { operation: 'jwks', effect: { type: 'status', status: 503 } };
  await emulator.addFault(fault);
  // @ts-expect-error: no such effect
  await emulator.addFault({ effect: { type: 'explode' } });
  await new Client(emulator.settings).m2m.warmUp();
  return emulator.issueToken({ client_id: 'billing', changes: { signature: 'corrupted' } });
}
