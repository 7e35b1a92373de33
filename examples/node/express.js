// A service on Express that answers callers with a good token alone: node express.js
//
// Its settings are STYTCH_PROJECT_ID and, for an emulator or a custom domain, STYTCH_BASE_URL. It needs
// no secret.

const express = require('express');
const { Client } = require('stytch-m2m');
const { requireToken } = require('stytch-m2m/express');

const { m2m } = new Client();
const app = express();

app.get('/invoices', requireToken({ verifier: m2m, required_scopes: ['read:invoices'] }), (req, res) => {
  res.json({ caller: req.m2mClaims.client_id, invoices: [{ id: 1, amount: 100 }] });
});

app.get('/health', (_req, res) => {
  const [{ state }] = m2m.health();
  res.status(state === 'expired' ? 503 : 200).json({ keys: state });
});

// Fetched now, the first caller does not wait for the keys. If they are away, it will try again.
m2m.warmUp().catch((error) => console.error(`no keys yet: ${error.code}`));

const server = app.listen(process.env.PORT || 0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
process.on('SIGTERM', () => server.close());
