//! The workspace key, and the slugs of the project that it opens.

use std::path::PathBuf;

use clap::Args;
use stytch_m2m::Secret;
use stytch_m2m::management::{Management, ManagementConfig};

use crate::environment::variable;
use crate::failure::Failure;
use crate::profile::secret_source;
use crate::secret;
use crate::settings::Settings;

const SECRET: &str = "STYTCH_WORKSPACE_KEY_SECRET";

#[derive(Args, Debug)]
#[command(next_help_heading = "Workspace")]
pub(crate) struct Workspace {
    /// The project's slug, which the Stytch dashboard shows in its settings
    #[arg(long, env = "STYTCH_PROJECT_SLUG", value_name = "SLUG")]
    project_slug: Option<String>,
    /// The slug of the project's environment
    #[arg(long, env = "STYTCH_ENVIRONMENT_SLUG", value_name = "SLUG")]
    environment_slug: Option<String>,
    /// The id of a workspace key, which is made in the dashboard under Workspace settings,
    /// Management API; a project's id and secret do not open the management API
    #[arg(long, env = "STYTCH_WORKSPACE_KEY_ID", value_name = "ID", allow_hyphen_values = true)]
    workspace_key_id: Option<String>,
    /// A file with its secret, or - for standard input [default: STYTCH_WORKSPACE_KEY_SECRET, or a
    /// prompt]
    #[arg(long, value_name = "PATH")]
    workspace_key_secret_from: Option<PathBuf>,
    /// The host of the management API [default: https://management.stytch.com, or the base URL if
    /// that is on this machine]
    #[arg(long, env = "STYTCH_MANAGEMENT_URL", value_name = "URL")]
    management_url: Option<String>,
}

impl Workspace {
    /// Whether the template can be read without asking anybody.
    pub(crate) fn is_given(&self, settings: &Settings) -> bool {
        let has_secret = self.workspace_key_secret_from.is_some()
            || match settings.workspace() {
                Some(workspace) => workspace.secret.is_some(),
                None => settings.chosen.is_none() && variable(SECRET).is_some(),
            };
        let others = [&self.project_slug, &self.environment_slug, &self.workspace_key_id];
        has_secret && others.iter().all(|one| one.is_some())
    }

    /// Whether any of it is given, so that the rest is missing.
    pub(crate) fn is_begun(&self) -> bool {
        self.workspace_key_id.is_some() || self.workspace_key_secret_from.is_some()
    }

    /// The management API of the project. It was asked whether the slugs are those of the project
    /// whose id is given, if one is.
    pub(crate) async fn open(&self, settings: &Settings) -> Result<Management, Failure> {
        let required = |value: &Option<String>, option: &str, variable: &str| {
            value.clone().ok_or_else(|| Failure::usage(format!("give {option} or set {variable}")))
        };
        let management = Management::new(ManagementConfig {
            project_slug: required(&self.project_slug, "--project-slug", "STYTCH_PROJECT_SLUG")?,
            environment_slug: required(
                &self.environment_slug,
                "--environment-slug",
                "STYTCH_ENVIRONMENT_SLUG",
            )?,
            key_id: required(
                &self.workspace_key_id,
                "--workspace-key-id",
                "STYTCH_WORKSPACE_KEY_ID",
            )?,
            key_secret: self.secret(settings)?,
            url: self.url(settings),
            is_base_url: self.management_url.is_none(),
            transport: settings.transport()?,
        })?;
        if let Some(project_id) = &settings.project_id {
            management.check_project(project_id).await?;
        }
        Ok(management)
    }

    /// What it is called in questions.
    pub(crate) fn place(&self) -> String {
        let slug = |slug: &Option<String>| slug.clone().unwrap_or_default();
        format!("{}/{}", slug(&self.project_slug), slug(&self.environment_slug))
    }

    /// An emulator serves the management API as well: a rehearsal must not reach the real one.
    fn url(&self, settings: &Settings) -> Option<String> {
        let local = || settings.base_url.clone().filter(|_| settings.is_on_this_machine());
        self.management_url.clone().or_else(local)
    }

    fn secret(&self, settings: &Settings) -> Result<Secret, Failure> {
        let path = self.workspace_key_secret_from.as_deref();
        const OPTION: &str = "--workspace-key-secret-from";
        const WHAT: &str = "The workspace key's secret";
        if settings.chosen.is_none() {
            return secret::require(path, OPTION, SECRET, WHAT);
        }
        let source = settings.workspace().and_then(|workspace| workspace.secret.as_ref());
        secret_source::of_profile(path, source, settings.profile_name(), OPTION, WHAT)
    }
}
