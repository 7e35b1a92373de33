'use strict';

const crypto = require('node:crypto');

const ENCODINGS = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
};

/**
 * A key pair read back from PEM. Key objects as generated share a lock with their generator, and
 * Node 20 waits for ever when it collects the generator while one of them is exported.
 */
function keyPair(type, options) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync(type, { ...options, ...ENCODINGS });
  return {
    publicKey: crypto.createPublicKey(publicKey),
    privateKey: crypto.createPrivateKey(privateKey),
  };
}

module.exports = { keyPair };
