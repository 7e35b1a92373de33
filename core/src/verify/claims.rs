//! Checks of the claims (RFC 7519, RFC 9068, RFC 8725), after the signature is verified.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Map;
use serde_json::value::RawValue;

use super::compact::malformed;
use super::issuer::{IssuerConfig, TokenProfile};
use super::payload::{PAYLOAD_LIMITS, Payload, invalid, missing, string, wrong_kind};
use super::scopes::{self, MAX_SCOPE, MAX_SCOPES};
use super::subject;
use super::subject_claims::SubjectClaims;
use crate::clock::system_time;
use crate::error::{Error, InvalidTokenReason, Result};
use crate::json::{self, Value};

/// 9999-12-31T23:59:59Z, in Unix seconds.
const LAST_INSTANT: f64 = 253_402_300_799.0;
/// Minimum leeway in seconds of `iat` and `nbf`: they are whole seconds, so a clock that is
/// slightly behind would refuse fresh tokens. `exp` has no minimum leeway.
const FUTURE_TOLERANCE: f64 = 5.0;
/// The registered claims of every profile; all others are custom.
const REGISTERED: [&str; 8] = ["aud", "exp", "iat", "iss", "jti", "nbf", "scope", "sub"];

/// The claims of a verified access token.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct TokenClaims {
    /// The M2M client's id: `sub`, or the claim that [`TokenProfile`] names.
    pub client_id: String,
    /// The scopes in `scope`, in the token's order, with their new names from
    /// [`IssuerConfig::scope_map`].
    pub scopes: Vec<String>,
    /// Whether the scope `read:*` grants every `read:<resource>`; see
    /// [`IssuerConfig::wildcard_scopes`].
    pub wildcard_scopes: bool,
    /// The claims that are not registered ones.
    pub custom_claims: CustomClaims,
    /// `iss`, unchanged.
    pub issuer: String,
    /// `aud`, as a list.
    pub audience: Vec<String>,
    /// `iat`.
    pub issued_at: Option<SystemTime>,
    /// `nbf`.
    pub not_before: Option<SystemTime>,
    /// `exp`.
    pub expires_at: SystemTime,
    /// `jti`.
    pub token_id: Option<String>,
}

impl TokenClaims {
    /// The scopes of `required` that the token does not grant, in their order.
    #[must_use]
    pub fn missing_scopes(&self, required: &[String]) -> Vec<String> {
        scopes::missing(&self.scopes, self.wildcard_scopes, required)
    }
}

/// The custom claims of a token, parsed when they are read.
#[derive(Clone)]
pub struct CustomClaims {
    payload: String,
    /// Whether the token has custom claims: most have none.
    any: bool,
}

impl CustomClaims {
    /// The claims by name. A number beyond 64 bits loses digits; the other methods keep them.
    #[must_use]
    pub fn to_map(&self) -> Map<String, serde_json::Value> {
        self.read().into_iter().map(|(name, value)| (name.into_owned(), value)).collect()
    }

    /// The claims as one JSON object, with each value as it is written in the token.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&Custom(self.read::<&RawValue>())).unwrap_or_default()
    }

    /// A claim as a `T`; `None` if the claim is absent or is not a `T`.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let (_, value) = self.read::<&RawValue>().into_iter().find(|(own, _)| own == name)?;
        serde_json::from_str(value.get()).ok()
    }

    fn read<'c, T: Deserialize<'c>>(&'c self) -> Vec<(Cow<'c, str>, T)> {
        let text = if self.any { &self.payload } else { "{}" };
        serde_json::from_str(text).map_or_else(|_| Vec::new(), |Custom(all)| all)
    }
}

impl fmt::Debug for CustomClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.read::<IgnoredAny>().iter().map(|(name, _)| name)).finish()
    }
}

impl PartialEq for CustomClaims {
    fn eq(&self, other: &Self) -> bool {
        self.to_map() == other.to_map()
    }
}

/// The custom claims of a payload. Registered claims are skipped without parsing their values.
struct Custom<'p, T>(Vec<(Cow<'p, str>, T)>);

impl<T: Serialize> Serialize for Custom<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Custom<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self(Vec::new()))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Custom<'de, T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(name) = map.next_key_seed(json::Text)? {
            if REGISTERED.contains(&&*name) {
                map.next_value::<IgnoredAny>()?;
            } else {
                self.0.push((name, map.next_value()?));
            }
        }
        Ok(self)
    }
}

/// The `iss` of an unverified payload, used only to choose the issuer whose keys are fetched.
pub(crate) fn unverified_issuer(payload: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Hint {
        iss: Option<String>,
    }
    serde_json::from_slice::<Hint>(payload).ok()?.iss
}

/// Checks the payload of a token that one of `issuer`'s keys verified.
pub(crate) fn check(
    payload: Vec<u8>,
    issuer: &IssuerConfig,
    limits: TimeLimits,
    now: f64,
) -> Result<(TokenClaims, Times)> {
    let payload = String::from_utf8(payload).map_err(|_| malformed("the payload is not UTF-8"))?;
    let mut signs = SubjectClaims::default();
    let asks = issuer.profile == TokenProfile::OAuth;
    let parsed = Payload::parse(&payload, asks.then_some(&mut signs))?;
    let iss = string("iss", &parsed.iss)?.ok_or_else(|| missing("iss"))?;
    if !issuer.issuers.iter().any(|allowed| allowed == iss) {
        return Err(invalid("iss", "is not the issuer of the key that signed it"));
    }
    let audience = audience(&parsed.aud)?;
    if !audience.iter().any(|aud| issuer.audiences.contains(aud)) {
        return Err(invalid("aud", "names another audience"));
    }
    if parsed.session {
        return Err(wrong_kind("it is a session token"));
    }
    if parsed.bound && !issuer.allow_bound_tokens {
        return Err(wrong_kind(
            "`cnf` binds it to a key; to accept it and check the key yourself, set allow_bound_tokens",
        ));
    }
    let times = Times::read(&parsed)?;
    times.check(limits, now)?;
    let client_id = subject::client_id(&parsed, &signs, issuer)?;
    for (name, value) in &issuer.required_claims {
        require(&payload, name, value)?;
    }
    let token_id = string("jti", &parsed.jti)?.map(str::to_owned);
    let scopes = scope_list(&parsed.scope, issuer.accept_scope_array)?;
    let scopes = scopes::renamed_all(scopes, &issuer.scope_map);
    let wildcard_scopes = issuer.wildcard_scopes;
    let (issuer, any) = (iss.to_owned(), parsed.custom);
    let claims = TokenClaims {
        client_id,
        scopes,
        wildcard_scopes,
        issuer,
        audience,
        issued_at: times.issued_at.and_then(system_time),
        not_before: times.not_before.and_then(system_time),
        expires_at: system_time(times.expires_at).unwrap_or(SystemTime::UNIX_EPOCH),
        token_id,
        custom_claims: CustomClaims { payload, any },
    };
    Ok((claims, times))
}

/// A caller's limits for the times; see [`AuthenticateOptions`](super::AuthenticateOptions).
#[derive(Clone, Copy)]
pub(crate) struct TimeLimits {
    pub(crate) clock_tolerance: Duration,
    pub(crate) max_token_age: Option<Duration>,
}

/// The times of a token, in Unix seconds.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    issued_at: Option<f64>,
    not_before: Option<f64>,
    pub(crate) expires_at: f64,
}

impl Times {
    fn read(payload: &Payload<'_>) -> Result<Self> {
        Ok(Self {
            expires_at: numeric_date("exp", &payload.exp)?.ok_or_else(|| missing("exp"))?,
            not_before: numeric_date("nbf", &payload.nbf)?,
            issued_at: numeric_date("iat", &payload.iat)?,
        })
    }

    pub(crate) fn check(&self, limits: TimeLimits, now: f64) -> Result<()> {
        let tolerance = limits.clock_tolerance.as_secs_f64();
        let future_tolerance = tolerance.max(FUTURE_TOLERANCE);
        let refused = |reason, claim: &str, message: String| {
            Err(Error::invalid_token(reason, message).with(|d| d.claim = Some(claim.to_owned())))
        };
        if now >= self.expires_at + tolerance {
            return refused(InvalidTokenReason::Expired, "exp", "the token has expired".to_owned());
        }
        for (claim, date) in [("nbf", self.not_before), ("iat", self.issued_at)] {
            if date.is_some_and(|date| date > now + future_tolerance) {
                let message = format!(
                    "the token's `{claim}` is in the future: compare this machine's clock with the issuer's"
                );
                return refused(InvalidTokenReason::NotYetValid, claim, message);
            }
        }
        if let Some(limit) = limits.max_token_age {
            let issued = self.issued_at.ok_or_else(|| missing("iat"))?;
            if (now - issued).max(0.0) >= limit.as_secs_f64() {
                let message = "the token is older than the maximum age allowed".to_owned();
                return refused(InvalidTokenReason::TooOld, "iat", message);
            }
        }
        Ok(())
    }
}

/// Checks that the claim is exactly this string.
fn require(payload: &str, name: &str, value: &str) -> Result<()> {
    let mut found = None;
    json::object(payload, PAYLOAD_LIMITS, |own, value| {
        if own == name {
            found = Some(value);
        }
    })
    .map_err(|_| malformed("the payload is not one strict JSON object"))?;
    match found {
        Some(Value::String(own)) if own == value => Ok(()),
        Some(_) => Err(invalid(name, "is not the value in required_claims")),
        None => Err(missing(name)),
    }
}

fn audience(aud: &Option<Value<'_>>) -> Result<Vec<String>> {
    let wrong = || invalid("aud", "is neither a string nor an array of strings");
    match aud {
        None => Err(missing("aud")),
        Some(Value::String(aud)) => Ok(vec![aud.clone().into_owned()]),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(aud) => Ok(aud.clone().into_owned()),
                _ => Err(wrong()),
            })
            .collect(),
        Some(_) => Err(wrong()),
    }
}

fn scope_list(scope: &Option<Value<'_>>, accept_array: bool) -> Result<Vec<String>> {
    let scopes: Vec<String> = match scope {
        None => Vec::new(),
        Some(Value::String(scope)) => scopes::split(scope).map(str::to_owned).collect(),
        Some(Value::Array(items)) if accept_array => items
            .iter()
            .map(|item| match item {
                Value::String(scope) => Ok(scope.clone().into_owned()),
                _ => Err(invalid("scope", "is not an array of strings")),
            })
            .filter(|item| !matches!(item, Ok(scope) if !scopes::is_scope_token(scope)))
            .collect::<Result<_>>()?,
        Some(_) => return Err(invalid("scope", "is not a string")),
    };
    match scopes.len() > MAX_SCOPES || scopes.iter().any(|scope| scope.len() > MAX_SCOPE) {
        true => Err(malformed("it has more than 1,000 scopes, or one of more than 256 bytes")),
        false => Ok(scopes),
    }
}

/// Seconds since the epoch, fractions allowed (RFC 7519, section 2).
fn numeric_date(claim: &'static str, value: &Option<Value<'_>>) -> Result<Option<f64>> {
    match value {
        None => Ok(None),
        Some(Value::Number(number)) if *number <= LAST_INSTANT => Ok(Some(*number)),
        Some(_) => Err(invalid(claim, "is not a NumericDate")),
    }
}
