//! Custom-claims templates: JSON in which `{{ request.name }}` stands for a token parameter, and
//! `{{ client.trusted_metadata.name }}` for a value of the client's metadata.

use serde_json::{Map, Value};

const MAX_CLAIMS_BYTES: usize = 4096;
const RESERVED: [&str; 8] = ["aud", "exp", "iat", "iss", "jti", "nbf", "scope", "sub"];
const STYTCH_PREFIX: &str = "https://stytch.com/";
/// Parameters that a template must not copy into the token: they prove the client's identity.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "assertion"];

/// Why a custom-claims template is rejected or could not be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// It is not a JSON object, or a variable is where no JSON value is allowed.
    #[error("the template must be a JSON object with variables only in place of values")]
    InvalidJson,
    /// A variable other than `request.name` and `client.trusted_metadata.name`.
    #[error("a variable of the template must be request.name or client.trusted_metadata.name")]
    InvalidTag,
    /// A `{{` without its `}}`.
    #[error("a {{{{ of the template is not closed by }}}}")]
    MismatchedTag,
    /// A claim that the token itself sets.
    #[error("the template sets a reserved claim")]
    ReservedClaim,
    /// A claim under `https://stytch.com/`.
    #[error("the template sets a claim under https://stytch.com/")]
    StytchClaim,
    /// More than 4 KB of JSON.
    #[error("the custom claims exceed 4 KB")]
    TooLarge,
}

impl TemplateError {
    /// Stytch's `error_type`.
    pub fn error_type(self) -> &'static str {
        match self {
            Self::InvalidJson => "jwt_template_invalid_json",
            Self::InvalidTag => "jwt_template_invalid_tag",
            Self::MismatchedTag => "jwt_template_mismatched_tag",
            Self::ReservedClaim => "reserved_claims_in_custom_claims",
            Self::StytchClaim => "stytch_claims_in_custom_claims",
            Self::TooLarge => "custom_claims_too_large",
        }
    }
}

#[derive(Clone)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone)]
enum Part {
    Text(String),
    /// The keys in an object.
    Variable(Root, Vec<String>),
}

/// What a variable's keys are looked up in.
#[derive(Clone, Copy)]
enum Root {
    /// `request`: what the sender of the request chooses.
    Request,
    /// `client.trusted_metadata`: what only the project can set.
    TrustedMetadata,
}

/// The values of a token request's variables.
#[derive(Clone, Copy)]
pub(crate) struct Variables<'a> {
    pub(crate) request: &'a Map<String, Value>,
    pub(crate) trusted_metadata: &'a Map<String, Value>,
}

impl Template {
    pub(crate) fn parse(source: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some((text, after)) = rest.split_once("{{") {
            let (variable, after) = after.split_once("}}").ok_or(TemplateError::MismatchedTag)?;
            parts.push(Part::Text(text.to_owned()));
            parts.push(parse_variable(variable)?);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        let template = Self(parts);
        // A number is invalid as a key, a string inside a string: only a value accepts both.
        for probe in ["0", r#""""#] {
            check_names(&template.fill(|_, _| probe.to_owned())?)?;
        }
        Ok(template)
    }

    /// The claims of a token request. Values that are absent are omitted.
    pub(crate) fn render(
        &self,
        variables: Variables<'_>,
    ) -> Result<Map<String, Value>, TemplateError> {
        let mut claims = self.fill(|root, path| variables.get(root, path).to_string())?;
        claims.values_mut().for_each(remove_nulls);
        claims.retain(|_, value| !value.is_null());
        let size = serde_json::to_vec(&claims).map_or(usize::MAX, |json| json.len());
        if size > MAX_CLAIMS_BYTES { Err(TemplateError::TooLarge) } else { Ok(claims) }
    }

    fn fill(
        &self,
        value: impl Fn(Root, &[String]) -> String,
    ) -> Result<Map<String, Value>, TemplateError> {
        let json: String = self
            .0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Variable(root, path) => value(*root, path),
            })
            .collect();
        serde_json::from_str(&json).map_err(|_| TemplateError::InvalidJson)
    }
}

fn parse_variable(source: &str) -> Result<Part, TemplateError> {
    let source = source.trim();
    let (root, keys) = if let Some(keys) = source.strip_prefix("request.") {
        (Root::Request, keys)
    } else if let Some(keys) = source.strip_prefix("client.trusted_metadata.") {
        (Root::TrustedMetadata, keys)
    } else {
        return Err(TemplateError::InvalidTag);
    };
    let is_special = |c: char| c.is_whitespace() || c.is_control() || "\"\\{}".contains(c);
    let is_key = |key: &str| !key.is_empty() && !key.contains(is_special);
    match keys.split('.').all(is_key) {
        true => Ok(Part::Variable(root, keys.split('.').map(str::to_owned).collect())),
        false => Err(TemplateError::InvalidTag),
    }
}

fn check_names(claims: &Map<String, Value>) -> Result<(), TemplateError> {
    if claims.keys().any(|name| RESERVED.contains(&name.as_str())) {
        return Err(TemplateError::ReservedClaim);
    }
    if claims.keys().any(|name| name.starts_with(STYTCH_PREFIX)) {
        return Err(TemplateError::StytchClaim);
    }
    Ok(())
}

impl<'a> Variables<'a> {
    fn get(self, root: Root, path: &[String]) -> &'a Value {
        const NULL: &Value = &Value::Null;
        let Some((first, rest)) = path.split_first() else { return NULL };
        let values = match root {
            Root::Request if CREDENTIALS.contains(&first.as_str()) => return NULL,
            Root::Request => self.request,
            Root::TrustedMetadata => self.trusted_metadata,
        };
        let start = values.get(first).unwrap_or(NULL);
        rest.iter().fold(start, |value, key| value.get(key).unwrap_or(NULL))
    }
}

fn remove_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(remove_nulls);
    }
}

#[cfg(test)]
mod tests;
