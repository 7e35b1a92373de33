// How requests are sent, and where tokens are shared.

import * as rule from './arguments';
import { secret, type SecretSource } from './credential';

/** The settings of how requests are sent. */
export interface TransportSettings {
  /** Maximum time to establish a connection, TLS included. Default 3. */
  connect_timeout_seconds?: number | undefined;
  /** Maximum time of one attempt, until its whole response has arrived. Default 10. */
  attempt_timeout_seconds?: number | undefined;
  /** Maximum time of a call, with all its attempts. Default 30. */
  total_timeout_seconds?: number | undefined;
  /** PEM certificates of additional certificate authorities to trust. */
  extra_ca_pem?: string | undefined;
  /** Trust Mozilla's root certificates, which are built in, instead of the platform's. Default: no. */
  bundled_roots?: boolean | undefined;
  /** PEM certificate chain and private key of the client, for servers that require mutual TLS. */
  client_certificate_pem?: SecretSource | undefined;
  /** The way out: `off`, or a proxy's URL. Default: `environment`, which is `HTTPS_PROXY` and so on. */
  proxy?: string | undefined;
  /** How old a key set may grow while its server is down, 0 to 86400. Default 21600, six hours. */
  max_key_age_seconds?: number | undefined;
}

export const TRANSPORT_RULES: rule.Rules<TransportSettings> = {
  connect_timeout_seconds: rule.seconds,
  attempt_timeout_seconds: rule.seconds,
  total_timeout_seconds: rule.seconds,
  extra_ca_pem: rule.text,
  bundled_roots: rule.flag,
  client_certificate_pem: secret,
  proxy: rule.text,
  max_key_age_seconds: rule.seconds,
};

/** Where processes share access tokens, so that one fetches for all. */
export interface TokenStoreSettings {
  /**
   * A Redis or Valkey: `rediss://user:password@host:6379/0`. While it is away, each process fetches
   * for itself.
   */
  token_store_url?: string | undefined;
  /**
   * Key that encrypts the tokens in the store: 32 random bytes in base64. To replace a key, give
   * several, separated by commas: the first encrypts, and each of them decrypts. Required with a
   * store.
   */
  token_store_key?: string | undefined;
  /**
   * Allows a `token_store_url` with a password that is sent unencrypted, by `redis://`, to a host
   * other than this one. Default: false.
   */
  token_store_allow_unencrypted?: boolean | undefined;
}

export const TOKEN_STORE_RULES: rule.Rules<TokenStoreSettings> = {
  token_store_url: rule.text,
  token_store_key: rule.text,
  token_store_allow_unencrypted: rule.flag,
};
