// Compiled strictly: beside `express-oauth2-jwt-bearer`, which has `req.auth`, during a migration.

import express from 'express';
import { TokenVerifier, type TokenClaims } from 'stytch-m2m';
import { requireToken } from 'stytch-m2m/express';

declare global {
  namespace Express {
    interface Request {
      /** As that package declares it. */
      auth?: { header: Record<string, unknown>; payload: { sub?: string }; token: string };
      /** As an application does that names a property of its own. */
      machine?: TokenClaims;
    }
  }
}

const verifier = new TokenVerifier();
export const app = express();
app.get('/', requireToken({ verifier, onRefused: (error, request) => console.log(error.code, request.url) }), (req, res) => {
  res.json([req.auth?.payload.sub, req.m2mClaims?.client_id]);
});
app.get('/machine', requireToken({ verifier, property: 'machine' }), (req, res) => {
  res.json(req.machine?.scopes);
});
declare const lost: readonly string[] | undefined;
// @ts-expect-error: scopes that may be undefined would let every token in
requireToken({ verifier, required_scopes: lost });
