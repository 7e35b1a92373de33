//! The endpoints of the management API: the project's environment and the template of its tokens.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    reply::{ApiError, Reply},
    request::{Body, basic_credentials},
    secret::SecretHash,
    state::SharedState,
    token::settings::{ParsedSettings, TokenSettings},
};

/// The only type of template that the emulator's tokens have.
const M2M: &str = "M2M";

/// Extractor: rejects requests without the workspace key.
pub(crate) struct WorkspaceAuth;

impl FromRequestParts<SharedState> for WorkspaceAuth {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, ApiError> {
        let expected = state.workspace.credentials();
        match basic_credentials(&parts.headers) {
            Some((key_id, secret))
                if key_id == expected.key_id
                    && SecretHash::of(&expected.key_secret).matches(&secret) =>
            {
                Ok(Self)
            }
            _ => Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized_credentials",
                "Unauthorized credentials: the workspace key's ID or secret is wrong, or missing in HTTP Basic.",
            )),
        }
    }
}

/// Extractor: rejects paths with another project or environment, or another type of template.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct EnvironmentPath {
    /// The project's slug.
    project_slug: String,
    /// The environment's slug.
    environment_slug: String,
}

impl FromRequestParts<SharedState> for EnvironmentPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, ApiError> {
        let Path(mut given) = Path::<HashMap<String, String>>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::bad_request("bad_request", "The path must be UTF-8."))?;
        let mut take = |name| given.remove(name).unwrap_or_default();
        let (project_slug, environment_slug) = (take("project_slug"), take("environment_slug"));
        let kind = given.remove("jwt_template_type").unwrap_or_else(|| M2M.into());
        let expected = state.workspace.credentials();
        if project_slug != expected.project_slug {
            let message = "No project of the workspace has this slug.";
            return Err(ApiError::not_found("project_not_found", message));
        }
        if environment_slug != expected.environment_slug {
            let message = "No environment of the project has this slug.";
            return Err(ApiError::not_found("environment_not_found", message));
        }
        if kind != M2M {
            let message = "The emulator has no JWT template but that of M2M tokens.";
            return Err(ApiError::not_found("jwt_template_not_found", message));
        }
        Ok(Self { project_slug, environment_slug })
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct EnvironmentReply {
    environment: Environment,
}

#[derive(Serialize, ToSchema)]
struct Environment {
    project_slug: String,
    environment_slug: String,
    project_id: String,
    name: String,
    /// Always `TEST`.
    r#type: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateReply {
    jwt_template: JwtTemplate,
}

#[derive(Serialize, ToSchema)]
struct JwtTemplate {
    /// Empty if there is none.
    template_content: String,
    /// Empty if there is none.
    custom_audience: String,
    jwt_template_type: &'static str,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct SetTemplate {
    /// A JSON object with `{{ }}` variables in place of values; empty for no template.
    template_content: String,
    /// Another audience of the tokens, beside the project id; empty for none.
    #[serde(default)]
    custom_audience: String,
}

impl TemplateReply {
    fn of(settings: TokenSettings) -> Reply<Self> {
        Reply::new(Self {
            jwt_template: JwtTemplate {
                template_content: settings.custom_claims_template.unwrap_or_default(),
                custom_audience: settings.custom_audience.unwrap_or_default(),
                jwt_template_type: M2M,
            },
        })
    }
}

/// Get the project's environment
#[utoipa::path(
    get,
    path = "/pwa/v3/projects/{project_slug}/environments/{environment_slug}",
    operation_id = "workspace_environment",
    tag = "Workspace",
    security(("workspace" = [])),
    params(EnvironmentPath),
    responses((status = OK, body = Reply<EnvironmentReply>), ApiError)
)]
pub(crate) async fn environment(
    State(state): State<SharedState>,
    _: WorkspaceAuth,
    EnvironmentPath { project_slug, environment_slug }: EnvironmentPath,
) -> Reply<EnvironmentReply> {
    let project_id = state.project_id.clone();
    let name = "Test".to_owned();
    let environment =
        Environment { project_slug, environment_slug, project_id, name, r#type: "TEST" };
    Reply::new(EnvironmentReply { environment })
}

/// Get the template of M2M tokens
#[utoipa::path(
    get,
    path = "/pwa/v3/projects/{project_slug}/environments/{environment_slug}/jwt_templates/{jwt_template_type}",
    operation_id = "workspace_template",
    tag = "Workspace",
    security(("workspace" = [])),
    params(EnvironmentPath, ("jwt_template_type" = String, Path, description = "`M2M`")),
    responses((status = OK, body = Reply<TemplateReply>), ApiError)
)]
pub(crate) async fn template(
    State(state): State<SharedState>,
    _: WorkspaceAuth,
    _: EnvironmentPath,
) -> Reply<TemplateReply> {
    TemplateReply::of(state.token_settings.get().settings)
}

/// Set the template of M2M tokens, by which the next token is issued
#[utoipa::path(
    put,
    path = "/pwa/v3/projects/{project_slug}/environments/{environment_slug}/jwt_templates/{jwt_template_type}",
    operation_id = "workspace_set_template",
    tag = "Workspace",
    security(("workspace" = [])),
    params(EnvironmentPath, ("jwt_template_type" = String, Path, description = "`M2M`")),
    request_body = SetTemplate,
    responses((status = OK, body = Reply<TemplateReply>), ApiError)
)]
pub(crate) async fn set_template(
    State(state): State<SharedState>,
    _: WorkspaceAuth,
    _: EnvironmentPath,
    Body(SetTemplate { template_content, custom_audience }): Body<SetTemplate>,
) -> Result<Reply<TemplateReply>, ApiError> {
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let settings = TokenSettings {
        custom_claims_template: given(template_content),
        custom_audience: given(custom_audience),
        ..state.token_settings.get().settings
    };
    state.token_settings.replace(ParsedSettings::new(settings.clone())?);
    Ok(TemplateReply::of(settings))
}
