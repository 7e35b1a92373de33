//! The states of a client, the same in a plan, a report and a status.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The state of a client in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// The client is to be created at Stytch.
    Import,
    /// Stytch already has an equal client.
    Present,
    /// The client is not imported, for a reason.
    Skip,
    /// Stytch has a different client with this id.
    Conflict,
    /// An import created the client and it is active at Stytch, but Auth0 has deleted it or grants
    /// it no API any more: deactivate or delete it at Stytch.
    Orphan,
}

/// The state of a client after an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// The client is to be created at Stytch.
    Import,
    /// An import created the client.
    Imported,
    /// The client was a conflict: the client at Stytch was made equal to Auth0's.
    Updated,
    /// Stytch already had an equal client.
    Present,
    /// The client is a conflict: the client at Stytch was kept, as requested.
    Kept,
    /// The client was not imported, as planned.
    Skip,
    /// Stytch refuses the client: see the reason and the field.
    Refused,
    /// Auth0 has removed access since the plan was made, so the client was not created.
    Changed,
    /// The client is active at Stytch, but Auth0 has deleted it or grants it no API any more.
    Orphan,
    /// Stytch has a different client with this id, which was not changed.
    Conflict,
    /// The client's creation was requested, but the outcome is unknown: the import was interrupted.
    Begun,
    /// The state could not be found out: run the command again.
    Failed,
    /// An import created the client, and an undo deleted it.
    Undone,
}

/// How to resolve a conflict: a client at Stytch with a planned id that differs from the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Report the conflict and change nothing.
    #[default]
    Report,
    /// Keep the client at Stytch.
    Keep,
    /// Make the client at Stytch equal to Auth0's. If the secrets differ, the client is deleted and
    /// created again, since Stytch cannot set the secret of an existing client.
    TakeAuth0,
}

/// Why a client is not imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The client belongs to Auth0, or is only for Auth0's Management API.
    ManagementClient,
    /// The client cannot use the client-credentials grant.
    NotM2m,
    /// The client authenticates by a private key or a certificate, which Stytch does not support
    /// for M2M clients.
    PrivateKey,
    /// The client's secret cannot be read.
    NoSecret,
    /// The client's secret has fewer than 8 characters.
    ShortSecret,
    /// Stytch would refuse the client's secret: see the note.
    InvalidSecret,
    /// Stytch would refuse the client's id: see the note.
    InvalidId,
    /// The client's id starts like a Stytch user's, so verifiers would refuse its tokens.
    UnverifiableId,
    /// Stytch would refuse the client's name: see the note.
    InvalidName,
    /// Stytch would refuse the client's description: see the note.
    InvalidDescription,
    /// The client would have more scopes than Stytch accepts: see the note.
    TooManyScopes,
    /// The client cannot call any API, so that it would get more access at Stytch than at Auth0.
    NoGrant,
    /// The client can call APIs only on behalf of users.
    UserOnly,
    /// The client can call APIs only for organizations, and is associated with none.
    NoOrganization,
    /// The client can call APIs only for organizations, and Auth0 did not show for which.
    UnknownOrganizations,
    /// The client can call APIs for each of several organizations, and a client at Stytch has one.
    SeveralOrganizations,
    /// The client can call APIs for any organization, and a client at Stytch has one.
    AnyOrganization,
    /// The client's metadata has more than 20 keys or 4 KiB.
    MetadataTooLarge,
    /// Auth0 has deleted the client.
    Gone,
    /// The user excluded the client.
    Excluded,
}

impl ImportState {
    /// The state's name in reports and in a status.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Imported => "imported",
            Self::Updated => "updated",
            Self::Present => "present",
            Self::Kept => "kept",
            Self::Skip => "skip",
            Self::Refused => "refused",
            Self::Changed => "changed",
            Self::Orphan => "orphan",
            Self::Conflict => "conflict",
            Self::Begun => "begun",
            Self::Failed => "failed",
            Self::Undone => "undone",
        }
    }

    /// Whether the state needs the user's attention.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Refused
                | Self::Changed
                | Self::Orphan
                | Self::Conflict
                | Self::Begun
                | Self::Failed
        )
    }
}

impl From<PlanState> for ImportState {
    fn from(state: PlanState) -> Self {
        match state {
            PlanState::Import => Self::Import,
            PlanState::Present => Self::Present,
            PlanState::Skip => Self::Skip,
            PlanState::Conflict => Self::Conflict,
            PlanState::Orphan => Self::Orphan,
        }
    }
}

impl SkipReason {
    /// The reason's name in plans and reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ManagementClient => "management_client",
            Self::NotM2m => "not_m2m",
            Self::PrivateKey => "private_key",
            Self::NoSecret => "no_secret",
            Self::ShortSecret => "short_secret",
            Self::InvalidSecret => "invalid_secret",
            Self::InvalidId => "invalid_id",
            Self::UnverifiableId => "unverifiable_id",
            Self::InvalidName => "invalid_name",
            Self::InvalidDescription => "invalid_description",
            Self::TooManyScopes => "too_many_scopes",
            Self::NoGrant => "no_grant",
            Self::UserOnly => "user_only",
            Self::NoOrganization => "no_organization",
            Self::UnknownOrganizations => "unknown_organizations",
            Self::SeveralOrganizations => "several_organizations",
            Self::AnyOrganization => "any_organization",
            Self::MetadataTooLarge => "metadata_too_large",
            Self::Gone => "gone",
            Self::Excluded => "excluded",
        }
    }

    /// The reason for a refused creation, by the wrong field.
    pub(super) fn of_field(field: &str) -> Self {
        match field {
            "client_id" => Self::InvalidId,
            "client_name" => Self::InvalidName,
            "client_description" => Self::InvalidDescription,
            "scopes" => Self::TooManyScopes,
            "trusted_metadata" => Self::MetadataTooLarge,
            _ => Self::InvalidSecret,
        }
    }

    /// Whether the client can call no API at Auth0, so that an imported client should be removed.
    pub(super) fn means_no_access(self) -> bool {
        matches!(
            self,
            Self::ManagementClient
                | Self::NotM2m
                | Self::PrivateKey
                | Self::NoGrant
                | Self::UserOnly
                | Self::NoOrganization
                | Self::Gone
        )
    }
}

/// How many of each there are.
pub(super) fn tally<T: Ord>(all: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    all.fold(BTreeMap::new(), |mut counts, one| {
        *counts.entry(one).or_default() += 1;
        counts
    })
}
