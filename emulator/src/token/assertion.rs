//! JWTs that prove a client's identity (RFC 7523, section 3).

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, dangerous::insecure_decode_claims, decode, decode_header,
    jwk::JwkSet,
};
use serde::Deserialize;

use crate::{called_url::CalledUrl, clients::Client, state::State};

/// The accepted signature algorithms.
pub(super) const ALGORITHMS: [(Algorithm, &str); 5] = [
    (Algorithm::RS256, "RS256"),
    (Algorithm::PS256, "PS256"),
    (Algorithm::ES256, "ES256"),
    (Algorithm::ES384, "ES384"),
    (Algorithm::EdDSA, "EdDSA"),
];

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    jti: Option<String>,
}

/// The client whose identity a JWT proves: its own, or that of a trusted issuer. Its own needs a
/// `jti`, and can be used once.
pub(super) fn client_of(state: &State, called: &CalledUrl, assertion: &str) -> Option<Client> {
    let Claims { iss, sub, .. } = insecure_decode_claims(assertion).ok()?;
    let own = state.clients.find(&iss).filter(|_| iss == sub);
    if let Some(client) = own {
        let audiences = own_audiences(state, called);
        let claims = verified(assertion, client.credentials().own_keys()?, &audiences)?;
        let is_new = state.used_assertions.is_new(client.id(), &claims.jti?, claims.exp);
        return is_new.then_some(client);
    }
    let trusts = |client: &&Client| client.credentials().trusted(&iss, &sub).is_some();
    let client = state.clients.find_by(trusts)?;
    let trusted = client.credentials().trusted(&iss, &sub)?;
    let audiences = match &trusted.audience {
        Some(audience) => vec![audience.clone()],
        None => own_audiences(state, called),
    };
    verified(assertion, &trusted.keys, &audiences)?;
    Some(client)
}

/// The names of this server and of its token endpoints, as usual and as it was called.
fn own_audiences(state: &State, called: &CalledUrl) -> Vec<String> {
    let names = |url: &CalledUrl| {
        [url.as_str().to_owned(), url.token_url(&state.project_id), url.domain_token_url()]
    };
    [names(called), names(&CalledUrl::usual(&state.base_url))].concat()
}

/// The claims of a JWT that one of the keys signed, for one of the audiences.
fn verified(token: &str, keys: &JwkSet, audiences: &[String]) -> Option<Claims> {
    let header = decode_header(token).ok()?;
    let mut validation = Validation::new(header.alg);
    if !ALGORITHMS.iter().any(|(algorithm, _)| *algorithm == header.alg) {
        return None;
    }
    validation.set_audience(audiences);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    validation.validate_nbf = true;
    validation.leeway = 5;
    let may_be = |kid: Option<&str>| header.kid.is_none() || header.kid.as_deref() == kid;
    let candidates = keys.keys.iter().filter(|key| may_be(key.common.key_id.as_deref()));
    candidates
        .filter_map(|key| DecodingKey::from_jwk(key).ok())
        .find_map(|key| decode::<Claims>(token, &key, &validation).ok())
        .map(|data| data.claims)
}
