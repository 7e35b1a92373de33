// Manages M2M clients:
//
//   node manage.js list
//   node manage.js create <name> <scope...>
//   node manage.js rotate <client_id>
//   node manage.js deactivate <client_id>
//   node manage.js delete <client_id>
//
// Secrets go to a file of the client's id in the folder SECRETS, and never to the screen. Settings are
// STYTCH_PROJECT_ID, STYTCH_SECRET and STYTCH_BASE_URL.

const { mkdir, rename, writeFile } = require('node:fs/promises');
const { join } = require('node:path');
const { Client, StytchM2MError } = require('stytch-m2m');

const { SECRETS: folder = 'secrets' } = process.env;

const COMMANDS = {
  async list(clients) {
    for await (const { client_id, client_name, status, scopes } of clients.searchAll()) {
      console.log(client_id, status, JSON.stringify(client_name), scopes.join(' '));
    }
  },
  async create(clients, client_name, ...scopes) {
    const { m2m_client } = await clients.create({ client_name, scopes, idempotent: true });
    await keep(m2m_client.client_id, m2m_client.client_secret);
    console.log(m2m_client.client_id);
  },
  async rotate(clients, client_id) {
    // Both secrets work until the new one is stored, and has fetched a token.
    const store = (next_client_secret) => keep(client_id, next_client_secret);
    const { m2m_client } = await clients.secrets.rotateWith({ client_id, store });
    console.log(client_id, `now ends in ${m2m_client.client_secret_last_four}`);
  },
  async deactivate(clients, client_id) {
    const { m2m_client } = await clients.update({ client_id, status: 'inactive' });
    console.log(client_id, m2m_client.status);
  },
  async delete(clients, client_id) {
    await clients.delete({ client_id });
    console.log(client_id, 'deleted');
  },
};

async function keep(client_id, client_secret) {
  await mkdir(folder, { recursive: true });
  const file = join(folder, encodeURIComponent(client_id));
  // Whole or not at all, whatever happens in between.
  await writeFile(`${file}.new`, client_secret, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function main([name, ...args]) {
  const command = COMMANDS[name];
  if (!command) throw new Error(`there are ${Object.keys(COMMANDS).join(', ')}`);
  await command(new Client().m2m.clients, ...args);
}

main(process.argv.slice(2)).catch((error) => {
  const code = error instanceof StytchM2MError ? `${error.code}: ` : '';
  console.error(`manage: ${code}${error.message}`);
  process.exitCode = 1;
});
