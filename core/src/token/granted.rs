//! A token endpoint's successful response (RFC 6749, section 5.1). Only the token and its type must
//! be as the RFC says; nothing beside them costs a good token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::http::Reply;
use crate::json::lenient;
use crate::secret::Secret;

/// The lifetime in seconds of a token whose server gives none.
const ASSUMED_LIFETIME: f64 = 300.0;
/// The longest lifetime in seconds.
const LONGEST_LIFETIME: f64 = 86_400.0;
/// Maximum bytes of an access token.
const LONGEST_TOKEN: usize = 16 << 10;
/// Maximum characters of a server's `token_type` in an error.
const SHOWN_TYPE: usize = 32;

#[derive(Deserialize)]
pub(crate) struct Granted {
    pub(crate) access_token: Secret,
    #[serde(default)]
    token_type: Value,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    scope: Value,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(crate) request_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::status")]
    pub(crate) status_code: Option<u16>,
    /// When the server sent it, by its own clock in Unix seconds.
    #[serde(skip)]
    sent_at: Option<f64>,
}

/// What a response has in place of a token.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Instead {
    #[serde(deserialize_with = "lenient::text")]
    error: Option<String>,
    id_token: Value,
}

impl Granted {
    /// The token, or the error that the server names, in whatever status.
    pub(crate) fn read(reply: &Reply) -> Result<Self> {
        if !reply.status.is_success() {
            return Err(reply.error());
        }
        let Ok(granted) = serde_json::from_slice::<Self>(&reply.body) else {
            return Err(no_token(reply));
        };
        granted.check(reply).map_err(|what| unusable(reply, &what))?;
        Ok(Self { sent_at: reply.sent_at(), ..granted })
    }

    fn check(&self, reply: &Reply) -> Result<(), String> {
        if !is_bearer_token(self.access_token.expose()) {
            return Err("access_token is empty, too long, or not printable ASCII".to_owned());
        }
        let Value::String(token_type) = &self.token_type else {
            let what = match self.token_type {
                Value::Null => "it has no token_type",
                _ => "its token_type is not text",
            };
            return Err(format!("{what}, which must be Bearer"));
        };
        // Apigee calls the same type `BearerToken`.
        if ["bearer", "bearertoken"].contains(&token_type.to_ascii_lowercase().as_str()) {
            return Ok(());
        }
        let shown: String = reply.sent.clean(token_type).chars().take(SHOWN_TYPE).collect();
        let why = match token_type.to_ascii_lowercase().as_str() {
            "dpop" | "pop" | "mac" => {
                ": such a token is bound to a key, and can only be sent with a proof of it. \
                 Configure the client at the server for bearer tokens"
            }
            _ => ", not Bearer",
        };
        Err(format!("its token_type is {shown}{why}"))
    }

    /// The token's type, in the server's spelling.
    pub(crate) fn token_type(&self) -> &str {
        self.token_type.as_str().unwrap_or_default()
    }

    /// The token's lifetime in seconds: at most a day, and not beyond the `exp` inside it; five
    /// minutes if the server gives none. `asked_at` is in Unix seconds.
    pub(crate) fn lifetime(&self, asked_at: f64) -> f64 {
        let seconds = match &self.expires_in {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let declared = seconds.filter(|s| s.is_finite() && *s > 0.0).unwrap_or(ASSUMED_LIFETIME);
        // By the server's clock, so that a wrong clock here does not matter. If even so nothing
        // remains, the clocks disagree, and `exp` says nothing.
        let remains = expiry(self.access_token.expose())
            .map(|expires_at| expires_at - self.sent_at.unwrap_or(asked_at))
            .filter(|remains| *remains > 0.0);
        declared.min(remains.unwrap_or(declared)).min(LONGEST_LIFETIME)
    }

    /// The granted scopes, as text or as an array of texts.
    pub(crate) fn granted_scopes(&self) -> Option<Vec<String>> {
        match &self.scope {
            Value::String(scope) => {
                Some(scope.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect())
            }
            Value::Array(scopes) => {
                scopes.iter().map(|scope| scope.as_str().map(str::to_owned)).collect()
            }
            _ => None,
        }
    }
}

/// The error of a successful response without a usable `access_token`.
fn no_token(reply: &Reply) -> Error {
    match serde_json::from_slice::<Instead>(&reply.body) {
        Ok(Instead { error: Some(_), .. }) => reply.error(),
        Ok(Instead { id_token: Value::String(_), .. }) => {
            unusable(reply, "it has an id_token, but no access_token")
        }
        Ok(_) => unusable(reply, "it has no access_token that is text"),
        Err(_) => reply.unexpected(),
    }
}

fn unusable(reply: &Reply, what: &str) -> Error {
    reply.unusable(format!("the token endpoint's response is unusable: {what}"))
}

/// Whether `token` can be sent in a header.
pub(crate) fn is_bearer_token(token: &str) -> bool {
    !token.is_empty() && token.len() <= LONGEST_TOKEN && token.bytes().all(|b| b.is_ascii_graphic())
}

/// The `exp` of a token that is a signed JWT. It is not verified, so it may only shorten a lifetime.
fn expiry(token: &str) -> Option<f64> {
    #[derive(Deserialize)]
    struct Payload {
        exp: f64,
    }
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?);
    let Payload { exp } = serde_json::from_slice(&payload).ok()?;
    exp.is_finite().then_some(exp)
}
