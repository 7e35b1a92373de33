//! The organization for which a client calls the tenant's APIs. At Auth0 a token request names it; at
//! Stytch it is in the client's metadata, so that a client has one organization for all its tokens.

use std::collections::BTreeSet;

use super::records::Auth0Grant;
use super::state::SkipReason;
use crate::clients::organization::ORGANIZATION_KEY;
use crate::text::visible;

/// The organizations that a client's grants are bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Binding<'e> {
    /// No grant needs one, and its tokens name none unless a request does.
    Free,
    /// This one.
    One(&'e str),
    /// Several, of which each token request names one.
    Several(BTreeSet<&'e str>),
    /// Any that a token request names.
    Any,
    /// The grants need one and are associated with none.
    Nobody,
    /// It was not read.
    Unknown,
    /// Some grants need one that others are not for: only the others are imported.
    Mixed,
}

impl<'e> Binding<'e> {
    /// By the client's grants and the organization of requests that name none.
    pub(super) fn of(grants: &[&'e Auth0Grant], default: Option<&'e str>) -> Self {
        let bound: Vec<_> = grants.iter().filter(|grant| grant.needs_organization()).collect();
        if bound.is_empty() {
            let is_everywhere = |one: &&str| grants.iter().all(|grant| grant.permits(one));
            let default = default.filter(|one| !grants.is_empty() && is_everywhere(one));
            return default.map_or(Self::Free, Self::One);
        }
        let is_any = |grant: &&&Auth0Grant| grant.is_for_any_organization();
        let named = bound.iter().flat_map(|grant| grant.organizations.iter().flatten());
        let named: BTreeSet<_> = named.map(String::as_str).collect();
        let binding = if bound.iter().any(|one| !is_any(one) && one.organizations.is_none()) {
            Self::Unknown
        } else if bound.iter().any(is_any) {
            Self::Any
        } else {
            match (named.first(), named.len()) {
                (None, _) => Self::Nobody,
                (Some(one), 1) => Self::One(one),
                _ => Self::Several(named),
            }
        };
        let is_unbound = |grant: &&&Auth0Grant| !grant.needs_organization();
        match grants.iter().filter(is_unbound).all(|grant| binding.takes(grant)) {
            true => binding,
            false => Self::Mixed,
        }
    }

    /// Whether the grant is imported: Auth0 issues tokens by it whichever of the organizations the
    /// client has.
    pub(super) fn takes(&self, grant: &Auth0Grant) -> bool {
        match self {
            Self::Free => true,
            Self::One(one) => grant.permits(one),
            Self::Several(all) => all.iter().all(|one| grant.permits(one)),
            Self::Any => {
                let uses_some = grant.needs_organization() || grant.allows_organization();
                uses_some && grant.is_for_any_organization()
            }
            Self::Nobody | Self::Unknown => false,
            Self::Mixed => !grant.needs_organization(),
        }
    }

    /// Whether a client at Stytch may have this organization, or none.
    pub(super) fn accepts(&self, organization: Option<&str>) -> bool {
        match (self, organization) {
            (Self::Free | Self::Mixed, _) => true,
            (_, None) => false,
            (Self::One(one), Some(given)) => *one == given,
            (Self::Several(all), Some(given)) => all.contains(given),
            (Self::Any | Self::Nobody | Self::Unknown, Some(_)) => true,
        }
    }

    /// The organizations by name.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::One(one) => vec![(*one).to_owned()],
            Self::Several(all) => all.iter().map(|one| (*one).to_owned()).collect(),
            _ => Vec::new(),
        }
    }

    /// The reason to skip a client that cannot be imported with any organization.
    pub(super) fn skip_reason(&self) -> Option<SkipReason> {
        match self {
            Self::Nobody => Some(SkipReason::NoOrganization),
            Self::Unknown => Some(SkipReason::UnknownOrganizations),
            _ => None,
        }
    }

    /// The reason to skip a client until somebody chooses its organization.
    pub(super) fn choice(&self) -> Option<SkipReason> {
        match self {
            Self::Several(_) => Some(SkipReason::SeveralOrganizations),
            Self::Any => Some(SkipReason::AnyOrganization),
            _ => None,
        }
    }

    /// What there is to say of the client.
    pub(super) fn note(&self) -> Option<String> {
        const CHOOSE: &str = "a client at Stytch has one organization: create one client for each, \
                              or choose one here, as organization_id in trusted_metadata with state: \
                              import";
        Some(match self {
            Self::Free | Self::Mixed => return None,
            Self::One(one) => format!(
                "it acts for the organization {}, which its metadata has as {ORGANIZATION_KEY}: \
                 its tokens of Stytch name it once the token template does",
                visible(one)
            ),
            Self::Several(all) => {
                let all: Vec<_> = all.iter().map(|one| visible(one)).collect();
                format!("its grants are for several organizations ({}), but {CHOOSE}", all.join(", "))
            }
            Self::Any => format!("its grants are for any organization, but {CHOOSE}"),
            Self::Nobody => {
                "its grants are only for organizations, but are associated with none".to_owned()
            }
            Self::Unknown => "it is not known which organizations its grants are for: grant the \
                              reading application read:organization_client_grants on the Management \
                              API"
                .to_owned(),
        })
    }
}
