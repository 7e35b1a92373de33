'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { native } = require('../dist/native.js');
const { toError } = require('../dist/errors.js');
const { client, stytch } = require('./support');

const CLASSES = {
  invalid_config: 'InvalidConfigError',
  authentication: 'AuthenticationError',
  permission_denied: 'PermissionDeniedError',
  not_found: 'NotFoundError',
  conflict: 'ConflictError',
  invalid_request: 'InvalidRequestError',
  rate_limited: 'RateLimitedError',
  service: 'ServiceError',
  network: 'NetworkError',
  timeout: 'TimeoutError',
  unexpected_response: 'UnexpectedResponseError',
  outcome_unknown: 'OutcomeUnknownError',
  invalid_token: 'InvalidTokenError',
  insufficient_scope: 'InsufficientScopeError',
  keys_unavailable: 'KeysUnavailableError',
  cancelled: 'CancelledError',
};
const TRANSIENT = ['rate_limited', 'service', 'network', 'timeout', 'keys_unavailable'];
const STATUS = { invalid_token: 401, insufficient_scope: 403, keys_unavailable: 503 };

test('every kind of error has its class, its code and all its fields', () => {
  const errors = native.sampleErrors().map(toError);
  assert.deepEqual(errors.map((error) => error.code), Object.keys(CLASSES));
  for (const error of errors) {
    const name = CLASSES[error.code];
    assert.equal(error.constructor, stytch[name]);
    assert.equal(error.name, name);
    assert(error instanceof stytch.StytchM2MError && error instanceof Error);
    assert.equal(String(error), `${name}: message`);
    assert.deepEqual({ ...error }, {
      code: error.code,
      field: 'field',
      status_code: 418,
      request_id: 'request-id',
      error_type: 'error_type',
      error_message: 'error message',
      error_url: 'https://example.com/error',
      retry_after_seconds: 1.5,
      reason: 'expired',
      claim: 'exp',
      missing_scopes: ['read:users'],
      recovery: 'recovery',
    });
    assert.equal(error.http_status, STATUS[error.code] ?? 500);
    assert.equal(error.is_transient, TRANSIENT.includes(error.code), error.code);
  }
});

test('import and require give the same classes', async () => {
  const imported = await import('stytch-m2m');
  for (const [name, value] of Object.entries(stytch)) assert.equal(imported[name], value, name);
});

test('the stack leads to the caller, across await', async () => {
  async function theCaller() {
    await client.m2m.clients.get({ client_id: 'm2m-client-test-unknown' });
  }
  await assert.rejects(theCaller, (error) => {
    assert.match(error.stack, /^NotFoundError: .*\n(.*\n)*.*at async theCaller .*errors\.test\.js/);
    return true;
  });
});
