//! The endpoints, by the names that counts use.

use serde::{Deserialize, Serialize};

/// An endpoint of the emulated API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Operation {
    /// `POST /v1/m2m/clients`
    Create,
    /// `GET /v1/m2m/clients/{client_id}`
    Get,
    /// `POST /v1/m2m/clients/search`
    Search,
    /// `PUT` (or `POST`) `/v1/m2m/clients/{client_id}`
    Update,
    /// `DELETE /v1/m2m/clients/{client_id}`
    Delete,
    /// `POST /v1/m2m/clients/{client_id}/secrets/rotate/start`
    RotateStart,
    /// `POST /v1/m2m/clients/{client_id}/secrets/rotate`
    Rotate,
    /// `POST /v1/m2m/clients/{client_id}/secrets/rotate/cancel`
    RotateCancel,
    /// `POST /v1/public/{project_id}/oauth2/token`
    Token,
    /// `GET /v1/sessions/jwks/{project_id}`, and the same under `/v1/b2b`
    Jwks,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 10] = [
        Self::Create,
        Self::Get,
        Self::Search,
        Self::Update,
        Self::Delete,
        Self::RotateStart,
        Self::Rotate,
        Self::RotateCancel,
        Self::Token,
        Self::Jwks,
    ];

    /// The name in counts, in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::Search => "search",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::RotateStart => "rotate_start",
            Self::Rotate => "rotate",
            Self::RotateCancel => "rotate_cancel",
            Self::Token => "token",
            Self::Jwks => "jwks",
        }
    }
}
