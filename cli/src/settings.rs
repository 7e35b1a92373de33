//! The options that every command takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use stytch_m2m::{Client, ClientConfig, IssuerConfig, Spelling, TransportConfig, Vertical};

use crate::failure::Failure;
use crate::output::{Color, Format};
use crate::secret;

/// The project, and how results are printed.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Settings {
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
    #[arg(long, global = true)]
    pub(crate) b2b: bool,
    /// A file with certificates, in PEM, of authorities to trust besides the system's
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Give up on a call after so many seconds, repetitions included
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) timeout: u32,
    /// Log every request to standard error, without secrets
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) output: Format,
    /// When text has colours
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
        let path = self.project_secret_from.as_deref();
        self.client_with(Some(secret::require(
            path,
            "--project-secret-from",
            "STYTCH_SECRET",
            "The project's secret",
        )?))
    }

    fn client_with(&self, secret: Option<stytch_m2m::Secret>) -> Result<Client, Failure> {
        Ok(Client::new(ClientConfig {
            project_id: Some(self.project_id()?.to_owned()),
            secret,
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

    fn project_id(&self) -> Result<&str, Failure> {
        self.project_id.as_deref().ok_or_else(|| {
            Failure::usage("project_id is missing: give --project-id, or set STYTCH_PROJECT_ID")
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
