//! Internal functions for this repository's packages and tests. Not part of the public API: they
//! may change in any release.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use url::Url;

use crate::client::Client;
use crate::clients::SearchAll;
use crate::clients::model::M2MClient;
use crate::clients::organization::check_id;
use crate::config::base_url_of;
use crate::error::{Error, ErrorDetails, ErrorKind, InvalidTokenReason, Result};
use crate::http::header::{self, AGE, CACHE_CONTROL, HeaderName, RETRY_AFTER};
use crate::http::lifetime::soft_lifetime as soft_lifetime_of;
use crate::http::{Body, HeaderMap, HeaderValue, Method, Repeat, Request, reply};
use crate::text;
use crate::verify::algorithm::Algorithm;
use crate::verify::base64url::BASE64URL;
use crate::verify::compact::{Compact, decode};
use crate::verify::header::Header;
use crate::verify::key_set::{KeySet, KeySetRules, MAX_BYTES};
use crate::verify::{
    AuthenticateOptions, IssuerConfig, RequiredOrganization, Stop, TokenClaims, TokenVerifier,
    claims, scopes,
};

pub use crate::clock::Clock;
pub use crate::config::Spelling;
pub use crate::runtime::Spawner;

/// The error of a wrong argument or setting `field` that a package finds before the core.
pub fn invalid_config(field: &str, message: impl Into<String>) -> Error {
    Error::invalid_config(field, message)
}

/// The error of a valid token that lacks `missing`, or that the caller's own function refused.
pub fn insufficient_scope(missing: Vec<String>) -> Error {
    Error::insufficient_scope(missing)
}

/// Checks that `found`, the organization of claims, is the required one.
pub fn check_organization(found: Option<&str>, required: &RequiredOrganization) -> Result<()> {
    required.check(found)
}

/// The error of a cancelled call.
pub fn cancelled() -> Error {
    Error::cancelled()
}

/// Makes an error with these details.
pub fn error(details: ErrorDetails) -> Error {
    Error::from_details(details)
}

/// An error of this kind with every field set, for tests of how a package shows errors.
pub fn sample(kind: ErrorKind) -> Error {
    error(ErrorDetails {
        kind,
        message: "message".to_owned(),
        field: Some("field".to_owned()),
        status_code: Some(418),
        request_id: Some("request-id".to_owned()),
        error_type: Some("error_type".to_owned()),
        error_message: Some("error message".to_owned()),
        error_url: Some("https://example.com/error".to_owned()),
        retry_after: Some(Duration::from_millis(1500)),
        reason: Some(InvalidTokenReason::Expired),
        claim: Some("exp".to_owned()),
        missing_scopes: vec!["read:users".to_owned()],
        recovery: Some("recovery".to_owned()),
    })
}

/// The rest of the current page of a search, or the next page, or `None` after the last: for
/// languages in which each call is expensive. A page may be empty.
pub async fn next_page(search: &mut SearchAll) -> Result<Option<Vec<M2MClient>>> {
    search.next_page().await
}

/// The time of the API's server, if its response contains it.
pub async fn server_time(client: &Client) -> Result<Option<SystemTime>> {
    let request = Request {
        operation: "jwks",
        method: Method::GET,
        url: client.api().project.url(&["v1", "sessions", "jwks", client.project_id()]),
        authorization: None,
        if_none_match: None,
        body: Body::Empty,
        limit: MAX_BYTES as usize,
        repeat: Repeat::Never,
        attempt_timeout: None,
    };
    let reply = client.api().transport.send(request).await?;
    let date = reply.headers.get(header::DATE).and_then(|date| date.to_str().ok());
    Ok(date.and_then(|date| httpdate::parse_http_date(date).ok()))
}

/// The scopes of `required` that `held` does not grant.
pub fn missing_scopes(held: &[String], wildcards: bool, required: &[String]) -> Vec<String> {
    scopes::missing(held, wildcards, required)
}

/// The part of a secret that the API shows.
#[must_use]
pub fn last_four(secret: &crate::Secret) -> String {
    crate::clients::model::last_four(secret)
}

/// Escapes every deceptive character of untrusted text.
pub fn visible(text: &str) -> String {
    text::visible(text)
}

/// Whether the character could deceive a terminal or a reader.
pub fn is_deceptive(c: char) -> bool {
    text::is_deceptive(c)
}

/// Checks the options of a verification, for guards that check them when they are made.
pub fn check_options(options: &AuthenticateOptions) -> Result<()> {
    if let Some(RequiredOrganization::Exactly(id)) = &options.organization {
        check_id("organization", id)?;
    }
    options.validate()
}

/// Checks only the JWS layer (RFC 7515); the payload can be any bytes.
pub fn check_jws(verifier: &TokenVerifier, token: &str) -> Result<()> {
    match verifier.check_signature(&Compact::parse(token)?) {
        Ok(()) => Ok(()),
        Err(Stop::Refused(error)) => Err(error),
        Err(Stop::NeedsKeys(_) | Stop::NeedsIssuer(_)) => {
            Err(Error::invalid_config("jwks", "the key sets must be given"))
        }
    }
}

/// Checks only a signature of any message, with the key of a key set that a token would use.
pub fn check_signature(
    jwks: &str,
    kid: &str,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), InvalidTokenReason> {
    let set = KeySet::parse(jwks.as_bytes(), &KeySetRules::of(vec![algorithm]));
    let set = set.map_err(|_| InvalidTokenReason::KeyUnusable)?;
    let key = set.select(kid, algorithm)?;
    key.parsed().verify_sig(message, signature).map_err(|_| InvalidTokenReason::SignatureInvalid)
}

/// The number of usable keys of a key set, or why it is unusable.
pub fn key_set(text: &[u8], allowed: &[Algorithm]) -> Result<usize, String> {
    let rules = KeySetRules::of(allowed.to_vec());
    KeySet::parse(text, &rules).map(|set| set.usable()).map_err(|bad| bad.0)
}

/// Splits a compact JWS into header, payload and signature.
pub fn compact(token: &str) -> Result<[Vec<u8>; 3]> {
    let compact = Compact::parse(token)?;
    let header = decode(compact.header, "the header is not strict base64url")?;
    Ok([header, compact.payload, compact.signature])
}

/// Checks a header and returns its `kid`.
pub fn header(bytes: &[u8]) -> Result<Option<String>> {
    let header = Header::parse(bytes)?;
    header.check_extensions()?;
    header.kid().map(|kid| kid.map(str::to_owned))
}

/// Checks a payload as if its signature was verified, at `now` in Unix seconds.
pub fn check_claims(
    payload: &[u8],
    issuer: &IssuerConfig,
    options: &AuthenticateOptions,
    now: f64,
) -> Result<TokenClaims> {
    let (policy, organization) = (issuer.policy(), issuer.organization()?);
    let limits = options.time_limits(issuer.clock_tolerance);
    let organization = organization.as_ref();
    claims::check(payload.to_vec(), "", issuer, policy.as_ref(), organization, limits, now)
        .map(|(claims, _)| claims)
}

/// The `iss` of an unverified payload.
pub fn unverified_issuer(payload: &[u8]) -> Option<String> {
    claims::unverified_issuer(payload)
}

/// Decodes strict base64url.
pub fn base64url(text: &str) -> Option<Vec<u8>> {
    BASE64URL.decode(text).ok()
}

/// Parses the address of a host to send requests to.
pub fn base_url(text: &str) -> Result<Url> {
    base_url_of("base_url", text)
}

/// The delay in a `Retry-After` value, at `now` in Unix seconds.
pub fn retry_after(value: &[u8], now: f64) -> Option<Duration> {
    reply::retry_after(&headers(&[(RETRY_AFTER, value)]), now)
}

/// The lifetime in seconds of a key set with these values of `Cache-Control` and `Age`.
pub fn soft_lifetime(cache_control: &[u8], age: &[u8]) -> f64 {
    soft_lifetime_of(&headers(&[(CACHE_CONTROL, cache_control), (AGE, age)]))
}

/// The headers that a server can send: values with forbidden bytes are skipped.
fn headers(fields: &[(HeaderName, &[u8])]) -> HeaderMap {
    let value = |bytes| HeaderValue::from_bytes(bytes).ok();
    fields.iter().filter_map(|(name, bytes)| Some((name.clone(), value(bytes)?))).collect()
}
