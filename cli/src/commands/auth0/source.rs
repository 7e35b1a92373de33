//! Where the tenant is read from.

use std::path::PathBuf;

use clap::Args;
use stytch_m2m::Secret;
use stytch_m2m::auth0::{Auth0Export, Auth0Tenant, Auth0TenantConfig, ExportProgress};

use crate::failure::{Failure, Side};
use crate::output::Output;
use crate::profile::secret_source;
use crate::progress::Progress;
use crate::secret;
use crate::settings::Settings;

#[derive(Args, Debug)]
#[command(next_help_heading = "Auth0")]
pub(crate) struct Source {
    /// The tenant's own domain, such as acme.eu.auth0.com, not a custom domain
    #[arg(long, env = "AUTH0_DOMAIN", value_name = "DOMAIN")]
    domain: Option<String>,
    /// An application that may use the Management API with read:clients, read:client_keys,
    /// read:client_grants and read:resource_servers, and with read:organization_client_grants if
    /// grants are for organizations
    #[arg(long, env = "AUTH0_CLIENT_ID", value_name = "ID", allow_hyphen_values = true)]
    auth0_client_id: Option<String>,
    /// A file with its secret, or - for standard input [default: AUTH0_CLIENT_SECRET, or a prompt]
    #[arg(long, value_name = "PATH")]
    auth0_secret_from: Option<PathBuf>,
    /// Read the tenant from this file: JSON with the tenant's name and the lists clients,
    /// client_grants and resource_servers as the Management API returns them; a grant may list its
    /// organizations
    #[arg(long, value_name = "PATH", conflicts_with_all = ["auth0_secret_from"])]
    export: Option<PathBuf>,
}

impl Source {
    /// Whether the tenant can be read without asking anybody.
    pub(crate) fn is_given(&self, settings: &Settings) -> bool {
        let variable =
            || std::env::var_os("AUTH0_CLIENT_SECRET").is_some_and(|one| !one.is_empty());
        let has_secret = self.auth0_secret_from.is_some()
            || match settings.tenant() {
                Some(tenant) => tenant.secret.is_some(),
                None => variable(),
            };
        self.export.is_some()
            || (self.domain.is_some() && self.auth0_client_id.is_some() && has_secret)
    }

    /// Reads the tenant, with its secrets.
    pub(crate) async fn read(
        &self,
        settings: &Settings,
        output: &Output,
    ) -> Result<Auth0Export, Failure> {
        if let Some(path) = &self.export {
            let text = std::fs::read_to_string(path)
                .map(Secret::new)
                .map_err(|source| Failure::io(format!("cannot read {}", path.display()), source))?;
            return Ok(Auth0Export::from_json(text.expose())?);
        }
        let required = |value: &Option<String>, option: &str, variable: &str| {
            value.clone().ok_or_else(|| {
                Failure::usage(format!("give {option} or set {variable}, or read a file: --export"))
            })
        };
        let config = Auth0TenantConfig {
            domain: required(&self.domain, "--domain", "AUTH0_DOMAIN")?,
            client_id: required(&self.auth0_client_id, "--auth0-client-id", "AUTH0_CLIENT_ID")?,
            client_secret: self.secret(settings)?,
            transport: settings.transport()?,
        };
        let mut progress = Progress::open_ended(output, "reading Auth0");
        let tenant = Auth0Tenant::new(config).map_err(Side::Auth0.failed())?;
        let show = |so_far: ExportProgress| {
            let ExportProgress { clients, client_grants, resource_servers } = so_far;
            let counts =
                [(clients, "clients"), (client_grants, "grants"), (resource_servers, "APIs")];
            progress.say(&counts.map(|(count, what)| format!("{count} {what}")).join(", "));
        };
        tenant.export(show).await.map_err(Side::Auth0.failed())
    }

    fn secret(&self, settings: &Settings) -> Result<Secret, Failure> {
        let path = self.auth0_secret_from.as_deref();
        const WHAT: &str = "The Auth0 application's secret";
        match settings.tenant() {
            Some(tenant) => secret_source::of_profile(
                path,
                tenant.secret.as_ref(),
                settings.profile_name(),
                "--auth0-secret-from",
                WHAT,
            ),
            None => secret::require(path, "--auth0-secret-from", "AUTH0_CLIENT_SECRET", WHAT),
        }
    }
}
