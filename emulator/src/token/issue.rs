//! Issuing access tokens.

use aws_lc_rs::error::Unspecified;
use serde_json::{Map, Value, json};

use super::{
    settings::{ParsedSettings, Signature, TokenChanges, TokenRequest},
    template::{TemplateError, Variables},
};
use crate::{called_url::CalledUrl, clock, keys::SigningKey, state::State};

pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) lifetime_seconds: u32,
}

pub(crate) enum IssueError {
    Template(TemplateError),
    Cryptography,
}

impl From<TemplateError> for IssueError {
    fn from(error: TemplateError) -> Self {
        Self::Template(error)
    }
}

impl From<Unspecified> for IssueError {
    fn from(Unspecified: Unspecified) -> Self {
        Self::Cryptography
    }
}

/// What a token says, and under which address it was requested.
pub(crate) struct Content<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) variables: Variables<'a>,
    /// Audiences beside those of the settings.
    pub(crate) audiences: &'a [String],
    pub(crate) called: &'a CalledUrl,
    /// In place of those of the settings.
    pub(crate) changes: Option<&'a TokenChanges>,
}

/// An access token as Stytch issues it, under the current settings.
pub(crate) fn issue(state: &State, content: Content<'_>) -> Result<Issued, IssueError> {
    let Content { client_id, scopes, variables, audiences, called, changes } = content;
    let ParsedSettings { settings, template } = state.token_settings.get();
    let changes = changes.unwrap_or(&settings.changes);
    let mut claims = match template {
        Some(template) => template.render(variables)?,
        None => Map::new(),
    };
    let mut audience = vec![state.project_id.clone()];
    audience.extend(settings.custom_audience);
    audience.extend_from_slice(audiences);
    let issuer = match settings.custom_domain {
        true => called.as_str().to_owned(),
        false => format!("stytch.com/{}", state.project_id),
    };
    claims.extend([
        ("aud".into(), json!(audience)),
        ("iss".into(), json!(issuer)),
        ("scope".into(), json!(scopes.join(" "))),
        ("sub".into(), json!(client_id)),
    ]);
    let issued_at = clock::unix_seconds() + i64::from(changes.issued_at_offset_seconds);
    claims.extend(validity(issued_at, settings.lifetime_seconds));
    let access_token = sign(state, claims, changes)?;
    Ok(Issued { access_token, lifetime_seconds: settings.lifetime_seconds })
}

/// A token that the admin API or a test requests.
pub(crate) fn issue_requested(
    state: &State,
    called: &CalledUrl,
    request: &TokenRequest,
) -> Result<String, IssueError> {
    let client = state.clients.find(&request.client_id);
    let (scopes, metadata) = match &client {
        Some(client) => (client.scopes(), client.trusted_metadata()),
        None => (&[][..], &Map::new()),
    };
    let content = Content {
        client_id: &request.client_id,
        scopes: request.scopes.as_deref().unwrap_or(scopes),
        variables: Variables { request: &request.extra, trusted_metadata: metadata },
        audiences: &[],
        called,
        changes: request.changes.as_ref(),
    };
    issue(state, content).map(|issued| issued.access_token)
}

/// `iat`, `nbf` and `exp`.
pub(crate) fn validity(issued_at: i64, lifetime_seconds: u32) -> [(String, Value); 3] {
    [
        ("exp".into(), json!(issued_at + i64::from(lifetime_seconds))),
        ("iat".into(), json!(issued_at)),
        ("nbf".into(), json!(issued_at)),
    ]
}

fn sign(
    state: &State,
    mut claims: Map<String, Value>,
    changes: &TokenChanges,
) -> Result<String, Unspecified> {
    let key = match changes.signature {
        Signature::UnknownKey => SigningKey::generate()?.into(),
        Signature::Valid | Signature::Corrupted => state.keys.current(),
    };
    let mut header = key.header();
    apply_changes(&mut header, &changes.header);
    apply_changes(&mut claims, &changes.claims);
    let token = key.sign(&header, &claims)?;
    Ok(match changes.signature {
        Signature::Corrupted => corrupt(token),
        Signature::Valid | Signature::UnknownKey => token,
    })
}

fn apply_changes(members: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, value) in changes {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
}

/// Changes the first character of the signature: all of its six bits are significant.
fn corrupt(token: String) -> String {
    match token.rsplit_once('.') {
        Some((signed, signature)) => {
            let first = if signature.starts_with('A') { 'B' } else { 'A' };
            let rest: String = signature.chars().skip(1).collect();
            format!("{signed}.{first}{rest}")
        }
        None => token,
    }
}
