// The same service on Hono: its routes pass the request on.

import { Hono } from 'hono';
import { invoices } from './web.mjs';

const app = new Hono();
app.get('/invoices', (context) => invoices(context.req.raw));
app.get('/health', (context) => context.json({ ok: true }));

export default app;
