//! The operations: endpoints, by the names used in counts, faults and the request log.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// An endpoint of an emulated API.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in counts, faults and the request log.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }
    };
}

operations! {
    /// `POST /v1/m2m/clients`
    Create = "create",
    /// `GET /v1/m2m/clients/{client_id}`
    Get = "get",
    /// `POST /v1/m2m/clients/search`
    Search = "search",
    /// `PUT` (or `POST`) `/v1/m2m/clients/{client_id}`
    Update = "update",
    /// `DELETE /v1/m2m/clients/{client_id}`
    Delete = "delete",
    /// `POST /v1/m2m/clients/{client_id}/secrets/rotate/start`
    RotateStart = "rotate_start",
    /// `POST /v1/m2m/clients/{client_id}/secrets/rotate`
    Rotate = "rotate",
    /// `POST /v1/m2m/clients/{client_id}/secrets/rotate/cancel`
    RotateCancel = "rotate_cancel",
    /// `POST /v1/public/{project_id}/oauth2/token`, and `POST /v1/oauth2/token`
    Token = "token",
    /// `GET /v1/sessions/jwks/{project_id}`, and the same under `/v1/b2b`
    Jwks = "jwks",
    /// `GET /.well-known/oauth-authorization-server`
    AuthorizationServer = "authorization_server",
    /// `GET /.well-known/openid-configuration`
    OpenidConfiguration = "openid_configuration",
    /// `GET /m2m/client-id`
    OrganizationClientId = "organization_client_id",
    /// `GET /m2m/client-secret`
    OrganizationClientSecret = "organization_client_secret",
    /// `POST /m2m/token`
    OrganizationToken = "organization_token",
    /// `POST /m2m/rotate`
    OrganizationRotate = "organization_rotate",
    /// `POST /oauth/token`
    Auth0Token = "auth0_token",
    /// `GET /api/v2/clients`
    Auth0Clients = "auth0_clients",
    /// `GET /api/v2/client-grants`
    Auth0ClientGrants = "auth0_client_grants",
    /// `GET /api/v2/client-grants/{id}/organizations`
    Auth0ClientGrantOrganizations = "auth0_client_grant_organizations",
    /// `GET /api/v2/resource-servers`, and one of them by its id or identifier
    Auth0ResourceServers = "auth0_resource_servers",
    /// `GET /.well-known/jwks.json`
    Auth0Jwks = "auth0_jwks",
    /// `GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}`
    WorkspaceEnvironment = "workspace_environment",
    /// `GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/jwt_templates/M2M`
    WorkspaceTemplate = "workspace_template",
    /// `PUT` of the same
    WorkspaceSetTemplate = "workspace_set_template",
}

impl Operation {
    /// Whether this is an endpoint of Auth0's.
    pub(crate) const fn is_auth0(self) -> bool {
        matches!(
            self,
            Self::Auth0Token
                | Self::Auth0Clients
                | Self::Auth0ClientGrants
                | Self::Auth0ClientGrantOrganizations
                | Self::Auth0ResourceServers
                | Self::Auth0Jwks
        )
    }
}
