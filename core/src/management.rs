//! Stytch's management API (v3): the template of a project's M2M tokens. It takes a workspace key,
//! which an operator has and a service must not have.

pub mod template;

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::{TransportConfig, base_url_of, join, secret_of};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{
    Body, HeaderValue, MANAGEMENT_LIMIT, Method, Repeat, Reply, Request, Transport, basic,
    json_body, with_advice,
};
use crate::secret::Secret;

/// The host of the management API.
pub const MANAGEMENT_URL: &str = "https://management.stytch.com";

/// Settings of a [`Management`].
#[derive(Clone, Debug, Default)]
pub struct ManagementConfig {
    /// The host. Default: [`MANAGEMENT_URL`].
    pub url: Option<String>,
    /// Whether `url` is the project's base URL, which messages then name.
    pub is_base_url: bool,
    /// The id of the workspace key.
    pub key_id: String,
    /// The secret of the workspace key.
    pub key_secret: Secret,
    /// The project's slug.
    pub project_slug: String,
    /// The slug of the project's environment.
    pub environment_slug: String,
    /// Timeouts, TLS and proxy.
    pub transport: TransportConfig,
}

/// Reads and sets the template of one project environment's M2M tokens.
pub struct Management {
    base_url: Url,
    authorization: HeaderValue,
    project_slug: String,
    environment_slug: String,
    transport: Transport,
}

impl fmt::Debug for Management {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Management")
            .field("base_url", &self.base_url.as_str())
            .field("project_slug", &self.project_slug)
            .field("environment_slug", &self.environment_slug)
            .finish_non_exhaustive()
    }
}

/// The template of M2M tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JwtTemplate {
    /// A JSON object with `{{ }}` variables in place of values; empty for no custom claims.
    pub template_content: String,
    /// Another audience of the tokens, beside the project's id; empty for none.
    pub custom_audience: String,
}

#[derive(Deserialize)]
struct TemplateReply {
    jwt_template: JwtTemplate,
}

#[derive(Deserialize)]
struct EnvironmentReply {
    environment: Environment,
}

#[derive(Deserialize)]
struct Environment {
    #[serde(default)]
    project_id: Option<String>,
}

impl Management {
    /// Makes a client for `config`'s project environment. No I/O.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn new(config: ManagementConfig) -> Result<Self> {
        let ManagementConfig {
            url,
            is_base_url,
            key_id,
            key_secret,
            project_slug,
            environment_slug,
            transport,
        } = config;
        let setting = if is_base_url { "base_url" } else { "management_url" };
        let base_url = base_url_of(setting, url.as_deref().unwrap_or(MANAGEMENT_URL))?;
        let authorization = authorization(&key_id, &key_secret)?;
        check_slug("project_slug", &project_slug)?;
        check_slug("environment_slug", &environment_slug)?;
        let setting = url.map(|_| setting);
        let transport = Transport::new(transport)?.named_by(setting);
        Ok(Self { base_url, authorization, project_slug, environment_slug, transport })
    }

    /// Reads the template.
    ///
    /// # Errors
    /// `authentication` for a wrong workspace key, `not_found` for a wrong slug.
    pub async fn template(&self) -> Result<JwtTemplate> {
        let reply = self.send("get_jwt_template", Method::GET, &TEMPLATE, Body::Empty).await?;
        Ok(reply.json::<TemplateReply>()?.jwt_template)
    }

    /// Sets the template and returns what the API says that it is now. Tokens that are issued from
    /// then on have its claims.
    ///
    /// # Errors
    /// `invalid_request` if Stytch refuses the template.
    pub async fn set_template(&self, template: &JwtTemplate) -> Result<JwtTemplate> {
        let body = Body::Json(json_body(template)?);
        let reply = self.send("set_jwt_template", Method::PUT, &TEMPLATE, body).await?;
        Ok(reply.json::<TemplateReply>()?.jwt_template)
    }

    /// Checks that the slugs are those of the project with this id, where the API says it.
    ///
    /// # Errors
    /// `conflict` if they are another project's.
    pub async fn check_project(&self, project_id: &str) -> Result<()> {
        let reply = self.send("get_environment", Method::GET, &[], Body::Empty).await?;
        match reply.json::<EnvironmentReply>()?.environment.project_id {
            Some(other) if !other.is_empty() && other != project_id => Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "the slugs {} and {} are those of the project {}, not of {project_id}: check the \
                     project's id and both slugs",
                    self.project_slug,
                    self.environment_slug,
                    reply.sent.clean(&other)
                ),
            )),
            _ => Ok(()),
        }
    }

    async fn send(
        &self,
        operation: &'static str,
        method: Method,
        path: &[&str],
        body: Body,
    ) -> Result<Reply> {
        let start = ["pwa", "v3", "projects", &self.project_slug];
        let environment = ["environments", self.environment_slug.as_str()];
        let request = Request {
            operation,
            method,
            url: join(&self.base_url, &[&start[..], &environment, path].concat()),
            authorization: Some(self.authorization.clone()),
            if_none_match: None,
            body,
            limit: MANAGEMENT_LIMIT,
            // To set the same template twice does no harm.
            repeat: Repeat::Safe,
            attempt_timeout: None,
        };
        let reply = self.transport.send(request).await?;
        match reply.status.is_success() {
            true => Ok(reply),
            false => Err(self.explained(reply.error())),
        }
    }

    /// The error, with what to check.
    fn explained(&self, error: Error) -> Error {
        let advice = match error.kind() {
            ErrorKind::Authentication => {
                "The management API takes the id and secret of a workspace key, which is made in \
                 the Stytch dashboard under Workspace settings, Management API; a project's secret \
                 does not open it"
                    .to_owned()
            }
            ErrorKind::NotFound => format!(
                "Check the slugs of the project ({}) and of its environment ({}): the Stytch \
                 dashboard shows both in the project's settings",
                self.project_slug, self.environment_slug
            ),
            _ => return error,
        };
        with_advice(error, &advice)
    }
}

/// The path of the template, below its environment.
const TEMPLATE: [&str; 2] = ["jwt_templates", "M2M"];

/// Basic authentication with the workspace key.
fn authorization(key_id: &str, key_secret: &Secret) -> Result<HeaderValue> {
    let wrong = |field: &str, what: &str| Error::invalid_config(field, format!("{field} {what}"));
    if key_id.is_empty() {
        return Err(wrong("workspace_key_id", "is empty"));
    }
    if key_id.starts_with("project-") {
        let what = "contains a project's id: the management API takes a workspace key, which is \
                    made in the Stytch dashboard under Workspace settings, Management API";
        return Err(wrong("workspace_key_id", what));
    }
    if key_id.contains(':') || key_id.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong(
            "workspace_key_id",
            "contains a colon, white space or a control character",
        ));
    }
    let secret = secret_of("workspace_key_secret", Some(key_secret))?.expose();
    basic(key_id, "workspace_key_secret", secret)
}

fn check_slug(field: &str, slug: &str) -> Result<()> {
    let wrong = |what: &str| Err(Error::invalid_config(field, format!("{field} {what}")));
    let shaped = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match slug {
        "" => wrong("is empty"),
        slug if slug.starts_with("project-test-") || slug.starts_with("project-live-") => {
            wrong("contains a project's id: a slug is a short name, which the dashboard shows")
        }
        slug if slug.len() > 128 || !slug.chars().all(shaped) => {
            wrong("is not a slug, which has letters, digits, hyphens and underscores only")
        }
        _ => Ok(()),
    }
}
