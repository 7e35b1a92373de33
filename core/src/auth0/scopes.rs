//! Maps the scopes of several APIs to those of one project. If that would give a client more access
//! than before, the user must decide.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::records::Auth0Export;
use crate::error::{Error, ErrorKind};
use crate::text::visible;
use crate::verify::scopes::{is_scope_token, renamed};

/// Maximum number of clients that a message names.
const SHOWN: usize = 5;

/// The new names of scopes at Stytch, by audience and Auth0's name. The name `*` matches all other
/// scopes of the audience, and `*` in its new name is replaced by the old name, as in `"*":
/// "billing.*"`. Other scopes keep their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeMapping(pub BTreeMap<String, BTreeMap<String, String>>);

/// Scopes that cannot be imported under their names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ScopeHazard {
    /// The kind of the hazard.
    pub kind: ScopeHazardKind,
    /// The name that the scopes would have at Stytch.
    pub scope: String,
    /// The audiences, and the names of the scopes there.
    pub sources: Vec<(String, String)>,
    /// The clients that have one of the scopes.
    pub clients: Vec<String>,
}

/// Why a scope cannot be imported under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum ScopeHazardKind {
    /// Several scopes would become one, so that a client with one of them would get the access of
    /// all.
    SameName,
    /// `action:*` would grant `action:` for every resource, which it did not at Auth0.
    Wildcard,
    /// The name contains characters that a scope cannot have (RFC 6749, section 3.3).
    NotAScope,
}

/// All scope hazards of a tenant. No plan is made until a [`ScopeMapping`] renames each of the
/// scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "scopes would have another meaning at Stytch; rename each in a scope mapping{}",
    lines(.0)
)]
pub struct ScopeHazards(pub Vec<ScopeHazard>);

impl ScopeMapping {
    /// The new names of one audience's scopes. Pass them to
    /// [`IssuerConfig::scope_map`](crate::IssuerConfig::scope_map) in the audience's services, so
    /// that Auth0's tokens get the new names there.
    #[must_use]
    pub fn of_audience(&self, audience: &str) -> HashMap<String, String> {
        self.0.get(audience).cloned().unwrap_or_default().into_iter().collect()
    }

    /// The name at Stytch, and whether the mapping contains it.
    pub(super) fn target(&self, audience: &str, scope: &str) -> (String, bool) {
        match self.0.get(audience).and_then(|names| renamed(|name| names.get(name), scope)) {
            Some(name) => (name, true),
            None => (scope.to_owned(), false),
        }
    }

    /// The hazards of importing the granted scopes. A scope that an API defines counts even if no
    /// client has it, since the API's service would still accept it.
    pub(super) fn hazards<'e>(
        &self,
        export: &'e Auth0Export,
        holders: &BTreeMap<(&'e str, &'e str), Vec<&'e str>>,
    ) -> Vec<ScopeHazard> {
        let known = export
            .own_apis()
            .flat_map(|server| server.scope_names().into_iter().map(|s| (&*server.identifier, s)));
        let mut by_target: BTreeMap<String, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for (audience, scope) in holders.keys().copied().chain(known) {
            let (target, _) = self.target(audience, scope);
            by_target.entry(target).or_default().insert((audience, scope));
        }
        let is_chosen = |(audience, scope): &(&str, &str)| self.target(audience, scope).1;
        let hazard = |(target, sources): (String, BTreeSet<(&str, &str)>)| {
            let kind = if !sources.iter().any(|source| holders.contains_key(source)) {
                return None;
            } else if !is_scope_token(&target) {
                ScopeHazardKind::NotAScope
            } else if sources.iter().all(is_chosen) {
                return None;
            } else if sources.len() > 1 {
                ScopeHazardKind::SameName
            } else if target.ends_with(":*") {
                ScopeHazardKind::Wildcard
            } else {
                return None;
            };
            let held = sources.iter().filter_map(|source| holders.get(source)).flatten();
            let clients: BTreeSet<_> = held.map(|id| (*id).to_owned()).collect();
            let own = |(audience, scope): (&str, &str)| (audience.to_owned(), scope.to_owned());
            let sources = sources.into_iter().map(own).collect();
            Some(ScopeHazard {
                kind,
                scope: target,
                sources,
                clients: clients.into_iter().collect(),
            })
        };
        by_target.into_iter().filter_map(hazard).collect()
    }

    /// A mapping to start from: this one, and a unique name for each scope that needs one.
    #[must_use]
    pub fn proposal(&self, hazards: &ScopeHazards) -> Self {
        let mut mapping = self.clone();
        for hazard in &hazards.0 {
            for (audience, scope) in &hazard.sources {
                let name = match hazard.kind {
                    ScopeHazardKind::SameName => format!("{}.{scope}", slug(audience)),
                    ScopeHazardKind::Wildcard => scope.replace('*', "all"),
                    ScopeHazardKind::NotAScope => slug(scope),
                };
                let names = mapping.0.entry(audience.clone()).or_default();
                names.insert(scope.clone(), name);
            }
        }
        mapping
    }
}

/// The first few clients, and the number of the others.
pub(super) fn some_of(clients: &[&str]) -> String {
    let shown: Vec<_> = clients.iter().take(SHOWN).map(|id| visible(id)).collect();
    match clients.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// An audience as a word: `https://billing.example.com/v1/` becomes `billing-example-com-v1`.
fn slug(text: &str) -> String {
    let bare = text.split_once("://").map_or(text, |(_, bare)| bare);
    let words = bare.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

impl fmt::Display for ScopeHazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, sources, .. } = self;
        let scope = visible(&self.scope);
        let source = |(audience, name): &(String, String)| {
            format!("{} of {}", visible(name), visible(audience))
        };
        let from = sources.iter().map(source);
        let from = from.collect::<Vec<_>>().join(", ");
        let clients: Vec<_> = self.clients.iter().map(String::as_str).collect();
        let of = some_of(&clients);
        match kind {
            ScopeHazardKind::SameName => {
                write!(
                    f,
                    "{from} would all become {scope}: a client with one of them would get the access of all ({of})"
                )
            }
            ScopeHazardKind::Wildcard => {
                write!(
                    f,
                    "{from} would grant every scope of its action: it is a wildcard at Stytch ({of})"
                )
            }
            ScopeHazardKind::NotAScope => {
                write!(f, "{from} contains characters that a scope cannot have ({of})")
            }
        }
    }
}

/// The hazards, one per line.
fn lines(hazards: &[ScopeHazard]) -> String {
    hazards.iter().map(|hazard| format!("\n- {hazard}")).collect()
}

impl From<ScopeHazards> for Error {
    fn from(hazards: ScopeHazards) -> Self {
        Self::new(ErrorKind::Conflict, hazards.to_string())
    }
}
