//! What a token template says: which claims it sets, and who chooses their values.
//!
//! A template is a JSON object with variables in place of values, as in
//! `{"org_id": {{ client.trusted_metadata.organization_id }}}`.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::clients::organization;
use crate::error::{Error, Result};
use crate::text::visible;
use crate::verify::issuer;

/// The claim with the organization, unless an issuer has another.
pub const ORGANIZATION_CLAIM: &str = issuer::ORGANIZATION_CLAIM;
/// The key of a client's metadata with its organization, unless the settings name another.
pub const ORGANIZATION_KEY: &str = organization::ORGANIZATION_KEY;
/// Names that claims and parameters with an organization usually have.
pub const ORGANIZATION_NAMES: [&str; 7] =
    ["org_id", "organization_id", "organization", "org", "tenant_id", "tenant", "tid"];

/// The variables that the caller chooses: whoever has a client's secret.
const CALLER: &str = "request";
/// The variables that the project chooses.
const PROJECT: &str = "client";

/// Who chooses the value of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimSource {
    /// Nobody: the template has no such claim.
    Absent,
    /// The template itself: the value is the same for every client.
    Fixed,
    /// The project, by these variables.
    Project(Vec<String>),
    /// The caller, by at least one of these variables.
    Caller(Vec<String>),
    /// It is not known, because these variables are not.
    Unknown(Vec<String>),
}

impl ClaimSource {
    /// Whether a caller may choose the value.
    #[must_use]
    pub fn is_unsafe(&self) -> bool {
        matches!(self, Self::Caller(_) | Self::Unknown(_))
    }

    /// The variables.
    #[must_use]
    pub fn variables(&self) -> &[String] {
        match self {
            Self::Absent | Self::Fixed => &[],
            Self::Project(all) | Self::Caller(all) | Self::Unknown(all) => all,
        }
    }

    /// The name for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Fixed => "fixed",
            Self::Project(_) => "project",
            Self::Caller(_) => "caller",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A template that was read.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    members: Vec<Member>,
}

/// A claim and its value, as places in the text.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    start: usize,
    value: Range<usize>,
}

/// The variable for the organization in a client's metadata, under this key.
#[must_use]
pub fn organization_variable(metadata_key: &str) -> String {
    format!("client.trusted_metadata.{metadata_key}")
}

impl Template {
    /// Reads a template; empty text is a template without claims.
    ///
    /// # Errors
    /// `invalid_config` of the field `template`, with the line.
    pub fn parse(text: &str) -> Result<Self> {
        let text = if text.trim().is_empty() { "{}" } else { text };
        check_json(text)?;
        let members = members(text);
        let mut seen = BTreeSet::new();
        if let Some(twice) = members.iter().find(|member| !seen.insert(&member.name)) {
            let what = format!("the claim {} is there twice", visible(&twice.name));
            return Err(wrong(line_at(text, twice.start), &what));
        }
        Ok(Self { text: text.to_owned(), members })
    }

    /// Who chooses the value of this claim.
    #[must_use]
    pub fn source(&self, claim: &str) -> ClaimSource {
        match self.members.iter().find(|member| member.name == claim) {
            Some(member) => self.source_of(member),
            None => ClaimSource::Absent,
        }
    }

    /// The claims with an organization whose value a caller may choose, with their variables:
    /// `claim`, claims with a usual name of an organization, and claims whose variable has one.
    #[must_use]
    pub fn unsafe_organizations(&self, claim: &str) -> Vec<(&str, Vec<String>)> {
        let is_organization = |name: &str| name == claim || ORGANIZATION_NAMES.contains(&name);
        let mut found = Vec::new();
        for member in &self.members {
            let source = self.source_of(member);
            let last = |variable: &String| {
                variable.rsplit('.').next().is_some_and(|name| ORGANIZATION_NAMES.contains(&name))
            };
            let is_one = is_organization(&member.name) || source.variables().iter().any(last);
            if source.is_unsafe() && is_one {
                found.push((member.name.as_str(), source.variables().to_vec()));
            }
        }
        found
    }

    /// The parameters of a token request that the template takes values from.
    #[must_use]
    pub fn parameters(&self) -> BTreeSet<String> {
        let all = variables(&self.text).into_iter();
        let parameter = |variable: String| {
            let mut words = variable.split('.');
            let is_callers = words.next() == Some(CALLER);
            words.next().filter(|_| is_callers).map(str::to_owned)
        };
        all.filter_map(parameter).collect()
    }

    /// The template with this claim set to the variable; all else stays as it is written.
    #[must_use]
    pub fn with_claim(&self, claim: &str, variable: &str) -> String {
        let value = format!("{{{{ {variable} }}}}");
        let part = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        if let Some(member) = self.members.iter().find(|member| member.name == claim) {
            let (before, after) = (0..member.value.start, member.value.end..self.text.len());
            return format!("{}{value}{}", part(before), part(after));
        }
        let member = format!("{}: {value}", Value::from(claim));
        let Some(last) = self.members.last() else {
            return format!("{{\n  {member}\n}}");
        };
        let (before, between) = (part(0..last.value.end), part(last.value.end..self.text.len()));
        // As its neighbour: on a line of its own, or on the same one.
        let line = part(0..last.start).rsplit_once('\n').map(|(_, line)| line);
        let gap = match line.filter(|line| line.trim().is_empty()) {
            Some(indentation) => format!("\n{indentation}"),
            None => " ".to_owned(),
        };
        format!("{before},{gap}{member}{between}")
    }

    fn source_of(&self, member: &Member) -> ClaimSource {
        let all = variables(self.text.get(member.value.clone()).unwrap_or_default());
        if all.is_empty() {
            ClaimSource::Fixed
        } else if all.iter().any(|variable| is_of(variable, CALLER)) {
            ClaimSource::Caller(all)
        } else if all.iter().all(|variable| is_of(variable, PROJECT)) {
            ClaimSource::Project(all)
        } else {
            ClaimSource::Unknown(all)
        }
    }
}

/// Whether the variable is a plain path below `root`. What else a template language may know, such as
/// filters and defaults, is not.
fn is_of(variable: &str, root: &str) -> bool {
    let path = variable.strip_prefix(root).and_then(|rest| rest.strip_prefix('.'));
    let is_key = |key: &str| {
        !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-:@/".contains(c))
    };
    path.is_some_and(|path| path.split('.').all(is_key))
}

/// The variables between `{{` and `}}`.
fn variables(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((variable, after)) = after.split_once("}}") else { break };
        found.push(variable.trim().to_owned());
        rest = after;
    }
    found
}

/// Checks that the text is a JSON object when each variable is a value.
fn check_json(text: &str) -> Result<()> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = next_variable(rest) {
        let at = text.len() - after.len();
        filled.push_str(before);
        let Some((variable, after)) = after.split_once("}}") else {
            return Err(wrong(line_at(text, at), "a {{ is not closed by }}"));
        };
        // A number cannot be a name, and the lines keep their numbers.
        filled.push('0');
        filled.extend(variable.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    filled.push_str(rest);
    match serde_json::from_str::<Map<String, Value>>(&filled) {
        Ok(_) => Ok(()),
        Err(error) => {
            let what = "a template is a JSON object in which {{ }} variables stand only in place \
                        of whole values";
            Err(wrong(error.line(), what))
        }
    }
}

/// The text before the next `{{` outside a string, and the text after it.
fn next_variable(text: &str) -> Option<(&str, &str)> {
    let (mut in_string, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' if !in_string => {
                let rest = text.get(at..).unwrap_or_default();
                if let Some(after) = rest.strip_prefix("{{") {
                    return Some((text.get(..at).unwrap_or_default(), after));
                }
            }
            _ => {}
        }
    }
    None
}

/// The members of the outermost object. The text was checked before.
fn members(text: &str) -> Vec<Member> {
    let mut members = Vec::new();
    let mut depth = 0_usize;
    let (mut string, mut escaped) = (None::<usize>, false);
    let (mut name, mut value) = (None::<Range<usize>>, None::<usize>);
    let mut skip_to = 0;
    for (at, c) in text.char_indices() {
        if at < skip_to {
            continue;
        }
        if let Some(start) = string {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    string = None;
                    if depth == 1 && value.is_none() {
                        name = Some(start..at + 1);
                    }
                }
                _ => {}
            }
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("{{") {
            skip_to = rest.find("}}").map_or(text.len(), |length| at + length + 2);
            continue;
        }
        match c {
            '"' => string = Some(at),
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ':' if depth == 1 && value.is_none() => value = Some(at + 1),
            _ => {}
        }
        if (depth == 0 && c == '}') || (depth == 1 && c == ',') {
            members.extend(name.take().zip(value.take()).map(|(name, from)| {
                let own = text.get(from..at).unwrap_or_default();
                let start = from + (own.len() - own.trim_start().len());
                let quoted = text.get(name.clone()).unwrap_or_default();
                Member {
                    name: serde_json::from_str(quoted).unwrap_or_default(),
                    start: name.start,
                    value: start..start + own.trim().len(),
                }
            }));
        }
    }
    members
}

fn line_at(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

fn wrong(line: usize, what: &str) -> Error {
    Error::invalid_config("template", format!("line {line}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGANIZATION: &str = "client.trusted_metadata.organization_id";

    fn source(value: &str) -> ClaimSource {
        Template::parse(&format!(r#"{{"a": 1, "org_id": {value}}}"#)).unwrap().source("org_id")
    }

    #[test]
    fn a_claim_has_its_source() {
        let own = |variable: &str| vec![variable.to_owned()];
        assert_eq!(
            source(&format!("{{{{ {ORGANIZATION} }}}}")),
            ClaimSource::Project(own(ORGANIZATION))
        );
        let caller = || ClaimSource::Caller(own("request.org"));
        assert_eq!(source("{{request.org}}"), caller());
        // However deep, and in a string.
        assert_eq!(source(r#"{"id": [{{ request.org }}]}"#), caller());
        assert_eq!(source(r#""{{ request.org }}""#), caller());
        assert_eq!(source("{{ user.org }}"), ClaimSource::Unknown(own("user.org")));
        assert_eq!(source(r#""acme""#), ClaimSource::Fixed);
        assert_eq!(Template::parse("").unwrap().source("org_id"), ClaimSource::Absent);
        // The name of a member of another value is not a claim.
        let deeper = Template::parse(r#"{"a": {"org_id": 1}, "b": "org_id"}"#).unwrap();
        assert_eq!(deeper.source("org_id"), ClaimSource::Absent);
    }

    #[test]
    fn a_mixture_is_the_callers() {
        for value in [
            "[{{ client.trusted_metadata.a }}, {{ request.b }}]",
            // As other template languages have it: whatever the server makes of it.
            "{{ client.trusted_metadata.a | default: request.b }}",
            "{{ client.trusted_metadata.a || request.b }}",
            "{{ client.trusted_metadata[request.b] }}",
            "{{ client.trusted_metadata.a ?? 1 }}",
            r#"{{ request["b"] }}"#,
            "{{ REQUEST.b }}",
            "{{ client }}",
            "{{ client. }}",
        ] {
            let mixed = source(value);
            assert!(mixed.is_unsafe(), "{value}: {mixed:?}");
        }
    }

    #[test]
    fn organizations_that_a_caller_chooses_are_found() {
        let template = r#"{"tenant": {{ request.t }}, "customer": {{ request.organization_id }},
            "user": {{ request.user }}, "org_id": {{ client.trusted_metadata.x }}}"#;
        let template = Template::parse(template).unwrap();
        let found: Vec<_> =
            template.unsafe_organizations("org_id").into_iter().map(|(claim, _)| claim).collect();
        assert_eq!(found, ["tenant", "customer"]);
        assert_eq!(
            template.parameters().into_iter().collect::<Vec<_>>(),
            ["organization_id", "t", "user"]
        );
    }

    #[test]
    fn a_claim_is_added_and_replaced_and_all_else_stays() {
        let with = |text: &str| Template::parse(text).unwrap().with_claim("org_id", ORGANIZATION);
        let value = format!("{{{{ {ORGANIZATION} }}}}");
        for none in ["", " \n", "{}", "{ }"] {
            assert_eq!(with(none), format!("{{\n  \"org_id\": {value}\n}}"));
        }
        let one = r#"{"a": {{ request.a }}}"#;
        assert_eq!(with(one), format!(r#"{{"a": {{{{ request.a }}}}, "org_id": {value}}}"#));
        let lines = "{\n    \"a\": {\n        \"b\": 1\n    }\n}\n";
        let expected =
            format!("{{\n    \"a\": {{\n        \"b\": 1\n    }},\n    \"org_id\": {value}\n}}\n");
        assert_eq!(with(lines), expected);
        let there = r#"{ "org_id" : {"x": "}"} , "b": "é" }"#;
        assert_eq!(with(there), format!(r#"{{ "org_id" : {value} , "b": "é" }}"#));
        assert_eq!(with(&with(lines)), with(lines));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        let cases = [
            ("[]", 1),
            ("{\n\"a\": {{ request.a }\n}", 2),
            ("{\n\n\"a\": 1,\n}", 4),
            ("{{{ request.a }}: 1}", 1),
            ("{\"a\": {{ request\n.a }},\n\"a\": 2}", 3),
            ("{\"a\": {{ request.a }} x}", 1),
        ];
        for (text, line) in cases {
            let error = Template::parse(text).unwrap_err();
            assert!(error.to_string().contains(&format!("line {line}: ")), "{text:?}: {error}");
        }
    }
}
