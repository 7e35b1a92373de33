//! Access tokens in Auth0's form.

use aws_lc_rs::error::Unspecified;
use serde_json::{Map, Value, json};

use crate::{clock, reply::AccessTokenReply, state::State, token::issue::validity};

/// A token in Auth0's own profile.
pub(crate) struct AccessToken<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) audience: Value,
    pub(crate) scopes: Vec<String>,
    pub(crate) lifetime_seconds: u32,
    pub(crate) organization: Option<&'a str>,
}

impl AccessToken<'_> {
    pub(crate) fn issue(&self, state: &State) -> Result<AccessTokenReply, Unspecified> {
        let scope = self.scopes.join(" ");
        let mut claims = Map::from_iter([
            ("iss".to_owned(), json!(state.auth0.credentials().issuer)),
            ("sub".to_owned(), json!(format!("{}@clients", self.client_id))),
            ("aud".to_owned(), self.audience.clone()),
            ("azp".to_owned(), json!(self.client_id)),
            ("gty".to_owned(), json!("client-credentials")),
        ]);
        claims.extend(validity(clock::unix_seconds(), self.lifetime_seconds));
        claims.remove("nbf");
        if let Some(organization) = self.organization {
            claims.insert("org_id".into(), json!(organization));
        }
        if !scope.is_empty() {
            claims.insert("scope".into(), json!(scope));
        }
        let key = state.keys.current();
        let access_token = key.sign(&key.header(), &claims)?;
        let expires_in = self.lifetime_seconds;
        Ok(AccessTokenReply { access_token, token_type: "Bearer", expires_in, scope })
    }
}
