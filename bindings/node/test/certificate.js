'use strict';

// Certificates, which Node can read but not make: a small writer of ASN.1's DER.

const crypto = require('node:crypto');

const { keyPair } = require('./keys.js');

const oid = { cn: '550403', basicConstraints: '551d13', altName: '551d11', ecdsaSha256: '2a8648ce3d040302' };
const UTC_TIME = { from: '200101000000Z', to: '491231235959Z' };

function der(tag, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
const sequence = (...parts) => der(0x30, ...parts);
const identifier = (hex) => der(0x06, Buffer.from(hex, 'hex'));
const extension = (id, critical, value) =>
  sequence(identifier(id), ...(critical ? [der(0x01, [0xff])] : []), der(0x04, value));

function name(text) {
  return sequence(der(0x31, sequence(identifier(oid.cn), der(0x0c, text))));
}

function pem(label, body) {
  return `-----BEGIN ${label}-----\n${body.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END ${label}-----\n`;
}

/** A certificate for 127.0.0.1 of `issuer`, or one that signs itself and others. In PEM, with its key. */
function certificate(subject, issuer) {
  const { publicKey, privateKey } = keyPair('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(identifier(oid.ecdsaSha256));
  const signer = issuer ?? { subject, privateKey };
  const extensions = sequence(
    extension(oid.basicConstraints, true, sequence(...(issuer ? [] : [der(0x01, [0xff])]))),
    extension(oid.altName, false, sequence(der(0x87, [127, 0, 0, 1]))),
  );
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1], crypto.randomBytes(8)),
    algorithm,
    name(signer.subject),
    sequence(der(0x17, UTC_TIME.from), der(0x17, UTC_TIME.to)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = crypto.sign('sha256', body, signer.privateKey);
  const cert = pem('CERTIFICATE', sequence(body, algorithm, der(0x03, [0], signature)));
  return { subject, privateKey, cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

module.exports = { certificate };
