//! Assertions that a client signs about itself (RFC 7523, section 2.2).

use base64::Engine as _;
use serde::Serialize;

use super::private_key::PrivateKey;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::random;
use crate::secret::Secret;
use crate::verify::algorithm::Algorithm;
use crate::verify::base64url::BASE64URL;

/// Seconds until an assertion expires: the server uses it at once.
const LIFETIME: u64 = 120;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: u64,
    exp: u64,
}

/// Signs an assertion of `client_id` for `audience`. Each has its own `jti`, since servers refuse a
/// second use.
pub(crate) fn sign(
    key: &PrivateKey,
    algorithm: Algorithm,
    key_id: Option<&str>,
    client_id: &str,
    audience: &str,
    clock: &Clock,
) -> Result<Secret> {
    let iat = clock.now().wall as u64;
    let header = Header { alg: algorithm.name(), typ: "JWT", kid: key_id };
    let (jti, exp) = (random::name(), iat + LIFETIME);
    let claims = Claims { iss: client_id, sub: client_id, aud: audience, jti, iat, exp };
    let signed = || {
        let header = BASE64URL.encode(serde_json::to_vec(&header).ok()?);
        let claims = BASE64URL.encode(serde_json::to_vec(&claims).ok()?);
        let message = format!("{header}.{claims}");
        let signature = key.sign(algorithm, message.as_bytes())?;
        Some(Secret::new(format!("{message}.{}", BASE64URL.encode(signature))))
    };
    signed().ok_or_else(|| Error::new(ErrorKind::InvalidConfig, "private_key cannot sign"))
}
