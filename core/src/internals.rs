//! What property tests, Wycheproof and fuzzing reach beneath the public API. No part of
//! the API: it may change in any release.

use std::time::Duration;

use base64::Engine as _;
use url::Url;

use crate::config::base_url_of;
use crate::error::{Error, InvalidTokenReason, Result};
use crate::http::header::{AGE, CACHE_CONTROL, HeaderName, RETRY_AFTER};
use crate::http::{HeaderMap, HeaderValue, reply};
use crate::verify::algorithm::Algorithm;
use crate::verify::base64url::BASE64URL;
use crate::verify::compact::{Compact, decode};
use crate::verify::header::Header;
use crate::verify::jwks_cache::lifetime::soft_lifetime as soft_lifetime_of;
use crate::verify::key_set::KeySet;
use crate::verify::{AuthenticateOptions, IssuerConfig, Stop, TokenClaims, TokenVerifier, claims};

/// The JWS layer alone (RFC 7515): everything but the payload, which may be any bytes.
pub fn check_jws(verifier: &TokenVerifier, token: &str) -> Result<()> {
    match verifier.check_signature(&Compact::parse(token)?) {
        Ok(()) => Ok(()),
        Err(Stop::Refused(error)) => Err(error),
        Err(Stop::NeedsKeys(_)) => Err(Error::invalid_config("jwks", "the key sets must be given")),
    }
}

/// The signature alone: one key of a key set, as selected for a token, over any message.
pub fn check_signature(
    jwks: &str,
    kid: &str,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), InvalidTokenReason> {
    let set = KeySet::parse(jwks.as_bytes(), &[algorithm]);
    let set = set.map_err(|_| InvalidTokenReason::KeyUnusable)?;
    let key = set.select(kid, algorithm)?;
    key.verify_sig(message, signature).map_err(|_| InvalidTokenReason::SignatureInvalid)
}

/// How many keys of a key set are usable, or why it is not taken.
pub fn key_set(text: &[u8], allowed: &[Algorithm]) -> Result<usize, &'static str> {
    KeySet::parse(text, allowed).map(|set| set.usable()).map_err(|bad| bad.0)
}

/// A compact JWS taken apart: header, payload and signature.
pub fn compact(token: &str) -> Result<[Vec<u8>; 3]> {
    let compact = Compact::parse(token)?;
    let header = decode(compact.header, "the header is not strict base64url")?;
    Ok([header, compact.payload, compact.signature])
}

/// What a header decides before any key is asked for: its `kid`.
pub fn header(bytes: &[u8]) -> Result<Option<String>> {
    let header = Header::parse(bytes)?;
    header.check_extensions()?;
    header.kid().map(|kid| kid.map(str::to_owned))
}

/// The claims of a payload whose signature holds, at `now` in Unix seconds.
pub fn check_claims(
    payload: &[u8],
    issuer: &IssuerConfig,
    options: &AuthenticateOptions,
    now: f64,
) -> Result<TokenClaims> {
    claims::check(payload.to_vec(), issuer, options.time_limits(), now).map(|(claims, _)| claims)
}

/// The issuer that a payload names, while nothing vouches for it.
pub fn unverified_issuer(payload: &[u8]) -> Option<String> {
    claims::unverified_issuer(payload)
}

/// Strict base64url.
pub fn base64url(text: &str) -> Option<Vec<u8>> {
    BASE64URL.decode(text).ok()
}

/// A host to send requests to.
pub fn base_url(text: &str) -> Result<Url> {
    base_url_of("base_url", text)
}

/// The wait that a `Retry-After` value asks for, at `now` in Unix seconds.
pub fn retry_after(value: &[u8], now: f64) -> Option<Duration> {
    reply::retry_after(&headers(&[(RETRY_AFTER, value)]), now)
}

/// For how many seconds a key set is fresh that comes with these values of `Cache-Control` and
/// `Age`.
pub fn soft_lifetime(cache_control: &[u8], age: &[u8]) -> f64 {
    soft_lifetime_of(&headers(&[(CACHE_CONTROL, cache_control), (AGE, age)]))
}

/// What a server can send as these headers: not every byte can be in a value.
fn headers(fields: &[(HeaderName, &[u8])]) -> HeaderMap {
    let value = |bytes| HeaderValue::from_bytes(bytes).ok();
    fields.iter().filter_map(|(name, bytes)| Some((name.clone(), value(bytes)?))).collect()
}
