//! The options that every command takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::FalseyValueParser;
use stytch_m2m::internals::Spelling;
use stytch_m2m::{Client, ClientConfig, IssuerConfig, Secret, TransportConfig, Vertical};

use crate::failure::Failure;
use crate::output::{Color, Format};
use crate::profile::{Profile, Tenant, Workspace, secret_source};
use crate::query;
use crate::secret;

/// The project, and how results are printed.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Settings {
    /// Use this profile's project instead of the environment's; see `profiles list`
    #[arg(long, global = true, env = "STYTCH_PROFILE", value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// What the file says of it.
    #[arg(skip)]
    pub(crate) chosen: Option<Profile>,
    /// The project's id, project-test-... or project-live-...
    #[arg(long, global = true, env = "STYTCH_PROJECT_ID", value_name = "ID")]
    pub(crate) project_id: Option<String>,
    /// A file with the project's secret, or - for standard input [default: STYTCH_SECRET, or a
    /// prompt]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) project_secret_from: Option<PathBuf>,
    /// Your custom domain, or an emulator [default: Stytch's host for the project]
    #[arg(long, global = true, env = "STYTCH_BASE_URL", value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The project is a B2B one, whose key set has another path
    #[arg(long, global = true, env = "STYTCH_B2B", value_parser = FalseyValueParser::new())]
    pub(crate) b2b: bool,
    /// A file with PEM certificates of additional certificate authorities to trust
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Time limit of a call in seconds, including retries
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) timeout: u32,
    /// Log every request to standard error, without secrets
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Print only results, warnings and errors: no notes, no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Format of results
    #[arg(long, short, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: Format,
    /// Print the part of the result that this JMESPath expression selects, as in '[].client_id'
    #[arg(long, global = true, value_name = "JMESPATH", value_parser = query::parse)]
    pub(crate) query: Option<String>,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
}

impl Settings {
    /// A client without the project's secret: for tokens and keys.
    pub(crate) fn public_client(&self) -> Result<Client, Failure> {
        self.client_with(None)
    }

    /// A client that may manage.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        self.client_with(Some(self.project_secret()?))
    }

    fn project_secret(&self) -> Result<Secret, Failure> {
        let path = self.project_secret_from.as_deref();
        const WHAT: &str = "The project's secret";
        match &self.chosen {
            Some(profile) => secret_source::of_profile(
                path,
                profile.secret.as_ref(),
                &profile.name,
                "--project-secret-from",
                WHAT,
            ),
            None => secret::require(path, "--project-secret-from", "STYTCH_SECRET", WHAT),
        }
    }

    /// Whether the project's secret can be had without asking anybody.
    pub(crate) fn has_project_secret(&self) -> bool {
        let environment = || std::env::var_os("STYTCH_SECRET").is_some_and(|one| !one.is_empty());
        self.project_secret_from.is_some()
            || match &self.chosen {
                Some(profile) => profile.secret.is_some(),
                None => environment(),
            }
    }

    /// The profile's Auth0 tenant.
    pub(crate) fn tenant(&self) -> Option<&Tenant> {
        self.chosen.as_ref()?.auth0.as_ref()
    }

    /// The profile's workspace.
    pub(crate) fn workspace(&self) -> Option<&Workspace> {
        self.chosen.as_ref()?.workspace.as_ref()
    }

    /// Whether the base URL is on this machine, as an emulator's is.
    pub(crate) fn is_on_this_machine(&self) -> bool {
        let starts = ["http://127.", "http://[::1]", "http://localhost"];
        let url = self.base_url.as_deref();
        url.is_some_and(|url| starts.iter().any(|start| url.starts_with(start)))
    }

    /// The profile's name, where there is one.
    pub(crate) fn profile_name(&self) -> &str {
        self.chosen.as_ref().map_or("", |profile| &profile.name)
    }

    fn client_with(&self, secret: Option<Secret>) -> Result<Client, Failure> {
        Ok(Client::new(ClientConfig {
            project_id: self.project_id()?.to_owned(),
            secret: secret.map(Into::into),
            base_url: self.base_url.clone(),
            vertical: self.vertical(),
            transport: self.transport()?,
            ..ClientConfig::default()
        })?)
    }

    /// The project as an issuer of tokens.
    pub(crate) fn issuer(&self) -> Result<IssuerConfig, Failure> {
        Ok(IssuerConfig::stytch(self.project_id()?, self.base_url.as_deref(), self.vertical())?)
    }

    pub(crate) fn project_id(&self) -> Result<&str, Failure> {
        self.project_id.as_deref().ok_or_else(|| {
            Failure::usage(
                "project_id is missing: give --project-id or --profile, or set STYTCH_PROJECT_ID",
            )
        })
    }

    pub(crate) fn transport(&self) -> Result<TransportConfig, Failure> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path)
                .map_err(|source| Failure::io(format!("cannot read {}", path.display()), source))
        };
        Ok(TransportConfig {
            total_timeout: Duration::from_secs(self.timeout.into()),
            extra_ca_pem: self.ca_file.as_ref().map(read).transpose()?,
            spelling: Spelling::Options,
            ..TransportConfig::default()
        })
    }

    fn vertical(&self) -> Vertical {
        if self.b2b { Vertical::B2b } else { Vertical::Consumer }
    }
}
