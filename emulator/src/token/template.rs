//! Custom-claims templates: JSON in which `{{ request.name }}` stands for a token parameter.

use serde_json::{Map, Value};

const MAX_CLAIMS_BYTES: usize = 4096;
const RESERVED: [&str; 8] = ["aud", "exp", "iat", "iss", "jti", "nbf", "scope", "sub"];
const STYTCH_PREFIX: &str = "https://stytch.com/";

/// Why a custom-claims template is rejected or could not be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// It is not a JSON object, or a variable is where no JSON value is allowed.
    #[error("the template must be a JSON object with variables only in place of values")]
    InvalidJson,
    /// A variable other than `request.name`.
    #[error("a variable of the template must be request.name")]
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
    /// The keys after `request`.
    Variable(Vec<String>),
}

impl Template {
    pub(crate) fn parse(source: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some((text, after)) = rest.split_once("{{") {
            let (variable, after) = after.split_once("}}").ok_or(TemplateError::MismatchedTag)?;
            parts.push(Part::Text(text.to_owned()));
            parts.push(Part::Variable(parse_variable(variable)?));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        let template = Self(parts);
        // A number is invalid as a key, a string inside a string: only a value accepts both.
        for probe in ["0", r#""""#] {
            check_names(&template.fill(|_| probe.to_owned())?)?;
        }
        Ok(template)
    }

    /// The claims of a token request. Parameters that the request lacks are omitted.
    pub(crate) fn render(
        &self,
        request: &Map<String, Value>,
    ) -> Result<Map<String, Value>, TemplateError> {
        let mut claims = self.fill(|path| lookup(request, path).to_string())?;
        claims.values_mut().for_each(remove_nulls);
        claims.retain(|_, value| !value.is_null());
        let size = serde_json::to_vec(&claims).map_or(usize::MAX, |json| json.len());
        if size > MAX_CLAIMS_BYTES { Err(TemplateError::TooLarge) } else { Ok(claims) }
    }

    fn fill(
        &self,
        value: impl Fn(&[String]) -> String,
    ) -> Result<Map<String, Value>, TemplateError> {
        let json: String = self
            .0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Variable(path) => value(path),
            })
            .collect();
        serde_json::from_str(&json).map_err(|_| TemplateError::InvalidJson)
    }
}

fn parse_variable(source: &str) -> Result<Vec<String>, TemplateError> {
    let mut keys = source.trim().split('.');
    let path: Vec<String> = match keys.next() {
        Some("request") => keys.map(str::to_owned).collect(),
        _ => return Err(TemplateError::InvalidTag),
    };
    let valid = |key: &String| !key.is_empty() && !key.contains(char::is_whitespace);
    if !path.is_empty() && path.iter().all(valid) {
        Ok(path)
    } else {
        Err(TemplateError::InvalidTag)
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

fn lookup<'a>(request: &'a Map<String, Value>, path: &[String]) -> &'a Value {
    const NULL: &Value = &Value::Null;
    let Some((first, rest)) = path.split_first() else { return NULL };
    // A template must not copy the secret into the token.
    if first == "client_secret" {
        return NULL;
    }
    let start = request.get(first).unwrap_or(NULL);
    rest.iter().fold(start, |value, key| value.get(key).unwrap_or(NULL))
}

fn remove_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(remove_nulls);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn render(template: &str, request: Value) -> Value {
        let request = request.as_object().unwrap();
        Template::parse(template).unwrap().render(request).unwrap().into()
    }

    #[test]
    fn values_keep_their_types() {
        let template =
            r#"{"a": {{ request.a }}, "b": {{request.b.c}}, "d": {"e": {{ request.e }}}}"#;
        let request = json!({ "a": "x\"}", "b": { "c": [1, true] }, "e": 2 });
        let expected = json!({ "a": "x\"}", "b": [1, true], "d": { "e": 2 } });
        assert_eq!(render(template, request), expected);
    }

    #[test]
    fn what_the_request_lacks_the_claims_lack() {
        let template = r#"{"a": {{ request.a }}, "b": {"c": {{ request.b.c }}, "d": 1}}"#;
        assert_eq!(render(template, json!({ "b": 3 })), json!({ "b": { "d": 1 } }));
    }

    #[test]
    fn the_secret_stays_out() {
        let template = r#"{"a": {{ request.client_secret }}}"#;
        assert_eq!(render(template, json!({ "client_secret": "x" })), json!({}));
    }

    #[test]
    fn mistakes_have_their_error_types() {
        let cases = [
            ("", TemplateError::InvalidJson),
            ("[]", TemplateError::InvalidJson),
            (r#"{"a": "{{ request.a }}"}"#, TemplateError::InvalidJson),
            (r#"{"a": "b {{ request.a }}"}"#, TemplateError::InvalidJson),
            (r#"{ {{ request.a }}: 1}"#, TemplateError::InvalidJson),
            (r#"{"a": {{ request.a }"#, TemplateError::MismatchedTag),
            (r#"{"a": {{ user.a }}}"#, TemplateError::InvalidTag),
            (r#"{"a": {{ request }}}"#, TemplateError::InvalidTag),
            (r#"{"a": {{ request. }}}"#, TemplateError::InvalidTag),
            (r#"{"a": {{ request.a b }}}"#, TemplateError::InvalidTag),
            (r#"{"sub": "x"}"#, TemplateError::ReservedClaim),
            (r#"{"https://stytch.com/x": 1}"#, TemplateError::StytchClaim),
        ];
        for (template, error) in cases {
            assert_eq!(Template::parse(template).err(), Some(error), "{template}");
        }
    }

    #[test]
    fn claims_have_four_kilobytes_at_most() {
        let template = Template::parse(r#"{"a": {{ request.a }}}"#).unwrap();
        let render = |n| template.render(json!({ "a": "x".repeat(n) }).as_object().unwrap());
        assert!(render(4088).is_ok());
        assert_eq!(render(4089), Err(TemplateError::TooLarge));
    }
}
