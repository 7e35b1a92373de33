//! Checks of the claims (RFC 7519, RFC 9068, RFC 8725), after the signature is verified.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Map;
use serde_json::value::RawValue;

use super::compact::malformed;
use super::in_payload::InPayload;
use super::issuer::IssuerConfig;
use super::organization::OrganizationClaim;
use super::payload::{PAYLOAD_LIMITS, Payload, invalid, missing, string, wrong_kind};
use super::policy::{Declared, Policy};
use super::profile::TokenProfile;
use super::scopes::{self, MAX_SCOPE, MAX_SCOPES};
use super::subject;
use super::subject_claims::SubjectClaims;
use super::times::{TimeLimits, Times};
use crate::clock::system_time;
use crate::error::{Error, Result};
use crate::json::{self, Value};

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

    /// `sub`, unchanged: the client, or what its issuer says instead, such as the object id of an
    /// Entra application. `None` if the token has none; see [`IssuerConfig::allow_missing_sub`].
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        let CustomClaims { payload, subject, .. } = &self.custom_claims;
        subject.text(payload)
    }

    /// The organization that the client belongs to, from the claim that
    /// [`IssuerConfig::organization_claim`] names. `None` if the token has none, or one that is no
    /// string or empty.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.checked_organization().ok().flatten()
    }

    /// The organization, or what is wrong with the claim.
    pub(super) fn checked_organization(&self) -> Result<Option<&str>> {
        let CustomClaims { payload, organization, .. } = &self.custom_claims;
        organization.as_ref().map(|found| found.text(payload)).map_err(Error::clone)
    }
}

/// The custom claims of a token, parsed when they are read.
#[derive(Clone)]
pub struct CustomClaims {
    payload: String,
    /// Whether the token has custom claims: most have none.
    any: bool,
    subject: InPayload,
    /// A claim that is no organization's matters only where one is required.
    organization: Result<InPayload>,
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
    // Serde would accept an array as a struct.
    let is_object = payload.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice::<Hint>(payload).ok()?.iss).flatten()
}

/// Checks the payload of a token, with this encoded header, that one of `issuer`'s keys verified.
pub(crate) fn check(
    payload: Vec<u8>,
    header: &str,
    issuer: &IssuerConfig,
    policy: Option<&Policy>,
    organization: Option<&OrganizationClaim>,
    limits: TimeLimits,
    now: f64,
) -> Result<(TokenClaims, Times)> {
    let payload = String::from_utf8(payload).map_err(|_| malformed("the payload is not UTF-8"))?;
    let mut signs = SubjectClaims::default();
    let asks = issuer.profile == TokenProfile::OAuth;
    let collected = organization.and_then(OrganizationClaim::collected);
    let parsed = Payload::parse(&payload, asks.then_some(&mut signs), collected)?;
    let iss = string("iss", &parsed.iss)?.ok_or_else(|| missing("iss"))?;
    if !issuer.has_name(iss) {
        return Err(invalid("iss", "is not the issuer of the key that signed it"));
    }
    let audience = audience(&parsed.aud, issuer.audiences.is_empty())?;
    // Without audiences, only a token for no audience at all.
    let needs_none = issuer.audiences.is_empty() && audience.is_empty();
    let is_for_us = needs_none || audience.iter().any(|aud| issuer.audiences.contains(aud));
    if !is_for_us {
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
    let Declared { client, scopes: declared } = match policy {
        Some(policy) => {
            policy.check_lifetime(&times)?;
            policy.read(&payload, iss)?
        }
        None => Declared::default(),
    };
    let client_id = subject::client_id(&parsed, header, &signs, issuer, client.as_ref())?;
    for (name, value) in &issuer.required_claims {
        require(&payload, name, value)?;
    }
    let token_id = string("jti", &parsed.jti)?.map(str::to_owned);
    let scopes = match declared {
        Some(scopes) => scopes,
        None => scope_list(&parsed.scope, issuer.accept_scope_array)?,
    };
    let scopes = scopes::renamed_all(scopes, &issuer.scope_map);
    if let Some(policy) = policy {
        policy.check_client(&client_id)?;
        policy.check_any_scope(&scopes)?;
    }
    let wildcard_scopes = issuer.wildcard_scopes;
    let (issuer, any) = (iss.to_owned(), parsed.custom);
    let subject = InPayload::of(&parsed.sub, &payload);
    let organization = match organization {
        Some(claim) => claim.read(&parsed.organization, &payload),
        None => Ok(InPayload::Absent),
    };
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
        custom_claims: CustomClaims { payload, any, subject, organization },
    };
    Ok((claims, times))
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

fn audience(aud: &Option<Value<'_>>, allow_missing: bool) -> Result<Vec<String>> {
    let wrong = || invalid("aud", "is neither a string nor an array of strings");
    match aud {
        None if allow_missing => Ok(Vec::new()),
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
        Some(Value::Array(_)) => {
            return Err(invalid("scope", "is an array: to accept it, set accept_scope_array"));
        }
        Some(_) => return Err(invalid("scope", "is not a string")),
    };
    match scopes.len() > MAX_SCOPES || scopes.iter().any(|scope| scope.len() > MAX_SCOPE) {
        true => Err(malformed("it has more than 1,000 scopes, or one of more than 256 bytes")),
        false => Ok(scopes),
    }
}
