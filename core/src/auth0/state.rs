//! The words for what becomes of a client: the same in a plan, a report and a status.

use serde::{Deserialize, Serialize};

/// What is to become of a client, as its plan says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// It is to be created at Stytch.
    Import,
    /// It is at Stytch already, and equal.
    Present,
    /// It stays behind, for a reason.
    Skip,
    /// Stytch has another client with this id.
    Conflict,
    /// An import made it, it is active at Stytch, and at Auth0 it is gone or may call nothing any
    /// more: deactivate or delete it at Stytch.
    Orphan,
}

/// What became of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// It is to be created at Stytch.
    Import,
    /// An import created it.
    Imported,
    /// It was a conflict, and Stytch's client was made equal to Auth0's.
    Updated,
    /// It was at Stytch already, and equal.
    Present,
    /// It is a conflict, and Stytch's client was left as it is, on purpose.
    Kept,
    /// It stays behind, as planned.
    Skip,
    /// Stytch does not take it: see the reason and the field.
    Refused,
    /// Auth0 took access away since the plan was made, so it was not created.
    Changed,
    /// It is active at Stytch, and at Auth0 it is gone or may call nothing any more.
    Orphan,
    /// Stytch has another client with this id, which was not touched.
    Conflict,
    /// Its creation was asked for, and no outcome is known: the import was interrupted.
    Begun,
    /// It could not be told; run the command again.
    Failed,
    /// An import created it, and an undo deleted it.
    Undone,
}

/// What is done about a client of Stytch's that has a planned id and differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// It is reported, and not touched.
    #[default]
    Report,
    /// It is kept as it is, which resolves the conflict.
    Keep,
    /// It is made equal to Auth0's. Where the secrets differ, it is deleted and created again with
    /// Auth0's, since Stytch cannot be given a secret for a client that it has.
    TakeAuth0,
}

/// Why a client stays behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It belongs to Auth0, or is for Auth0's Management API alone.
    ManagementClient,
    /// It may not use the client-credentials grant.
    NotM2m,
    /// It authenticates by a private key or a certificate, which M2M clients at Stytch cannot.
    PrivateKey,
    /// Its secret cannot be read.
    NoSecret,
    /// Its secret has fewer than 8 characters.
    ShortSecret,
    /// Its secret is one that Stytch does not take: see the note.
    InvalidSecret,
    /// Its id is one that Stytch does not take: see the note.
    InvalidId,
    /// Its id begins like that of a Stytch user, so verifiers would refuse its tokens.
    UnverifiableId,
    /// Its name is one that Stytch does not take: see the note.
    InvalidName,
    /// Its description is one that Stytch does not take: see the note.
    InvalidDescription,
    /// It would have more scopes than Stytch takes: see the note.
    TooManyScopes,
    /// It may not call any API, so it could do more at Stytch than it can at Auth0.
    NoGrant,
    /// It may call APIs on behalf of users alone.
    UserOnly,
    /// It may call APIs on behalf of organizations alone, for which Stytch has no equal.
    OrganizationOnly,
    /// Its metadata is more than 20 keys or 4 KB.
    MetadataTooLarge,
    /// It is no longer at Auth0.
    Gone,
    /// A person decided so.
    Excluded,
}

impl ImportState {
    /// Its name in reports and in a status.
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

    /// Whether a person has to do something about it.
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
    /// Its name in plans and reports.
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
            Self::OrganizationOnly => "organization_only",
            Self::MetadataTooLarge => "metadata_too_large",
            Self::Gone => "gone",
            Self::Excluded => "excluded",
        }
    }

    /// The reason for what a create would be refused for, by the field at fault.
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

    /// Whether the client may call nothing at Auth0, so that what an import made of it should not
    /// live on.
    pub(super) fn means_no_access(self) -> bool {
        matches!(
            self,
            Self::ManagementClient
                | Self::NotM2m
                | Self::PrivateKey
                | Self::NoGrant
                | Self::UserOnly
                | Self::OrganizationOnly
                | Self::Gone
        )
    }
}
