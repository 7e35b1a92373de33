//! `stytch-m2m emulate`

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::Args;
use stytch_m2m_emulator::{Emulator, Fault, RateLimit, Seed, SeedError, StartError};

use crate::failure::Failure;
use crate::output::Output;
use crate::secret;
use crate::settings::Settings;
use crate::signal::terminated;
use crate::{located, parsed};

/// Serve Stytch's M2M API on loopback, for tests
///
/// Prints its settings as lines of NAME=VALUE, which are only for tests, and serves until it is
/// stopped. Its secret is the seed's, or generated; STYTCH_SECRET is not read.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  stytch-m2m emulate
  stytch-m2m emulate --port 4010 --seed seed.yaml --faults faults.yaml

  # faults.yaml: the next three token requests get a 503; for an hour, key sets are delayed
  - { operation: token, effect: { type: status, status: 503 }, times: 3 }
  - { operation: jwks, effect: { type: delay, milliseconds: 500 }, seconds: 3600 }")]
pub(crate) struct Options {
    /// Port to listen on; 0 selects a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// YAML or JSON file with the clients, tokens and Auth0 tenant to start with
    #[arg(long, value_name = "PATH")]
    seed: Option<PathBuf>,
    /// YAML or JSON file with a list of faults
    #[arg(long, value_name = "PATH")]
    faults: Option<PathBuf>,
    /// Limit for each endpoint, as in 100/60: 100 requests in 60 seconds
    #[arg(long, value_name = "REQUESTS/SECONDS", value_parser = rate_limit)]
    rate_limit: Option<RateLimit>,
    /// Also print the settings of its Auth0 tenant
    #[arg(long)]
    auth0: bool,
    /// Also print the settings of its workspace: the key and slugs for `template`
    #[arg(long)]
    workspace: bool,
}

pub(crate) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut builder = Emulator::builder().address(([127, 0, 0, 1], options.port));
    if let Some(project_id) = &settings.project_id {
        builder = builder.project_id(project_id);
    }
    // Never the environment's: it may be a real project's, and what is used here is printed.
    if let Some(path) = &settings.project_secret_from {
        builder = builder.secret(secret::read(path)?.expose());
    }
    if let Some(path) = &options.seed {
        let seed = Seed::parse(&parsed::read(path)?).map_err(|error| refused(path, error))?;
        builder = builder.seed(seed);
    }
    let emulator = builder.start().map_err(|error| match (error, &options.seed) {
        (StartError::Io { address, source }, _) => {
            Failure::io(format!("cannot listen on {address}"), source)
        }
        (StartError::Seed(error), Some(path)) => seed_refused(path, &error),
        (other, _) => Failure::usage(other.to_string()),
    })?;
    if let Some(path) = &options.faults {
        let text = parsed::read(path)?;
        for (index, fault) in parsed::parse::<Vec<Fault>>(path, &text)?.into_iter().enumerate() {
            emulator.add_fault(fault).map_err(|error| {
                let line = located::line_of(&text, &format!("[{index}]")).unwrap_or(1);
                refused(path, format_args!("[{index}] at line {line}: {error}"))
            })?;
        }
    }
    emulator.set_rate_limit(options.rate_limit);
    // Before the settings are out, whose reader may end this at once.
    let terminated = terminated();
    output.line(&announcement(&emulator, &options))?;
    let url = emulator.base_url();
    output.note(&format!("serving {url}, described by {url}/_emulator/openapi.json; Ctrl-C stops"));
    terminated.await;
    emulator.stop();
    Ok(())
}

fn announcement(emulator: &Emulator, options: &Options) -> String {
    let mut lines = vec![
        format!("STYTCH_PROJECT_ID={}", emulator.project_id()),
        format!("STYTCH_SECRET={}", emulator.secret()),
        format!("STYTCH_BASE_URL={}", emulator.base_url()),
    ];
    if options.auth0 {
        let tenant = emulator.auth0();
        lines.push(format!("AUTH0_DOMAIN={}", tenant.issuer));
        lines.push(format!("AUTH0_CLIENT_ID={}", tenant.client_id));
        lines.push(format!("AUTH0_CLIENT_SECRET={}", tenant.client_secret));
    }
    if options.workspace {
        let workspace = emulator.workspace();
        lines.push(format!("STYTCH_WORKSPACE_KEY_ID={}", workspace.key_id));
        lines.push(format!("STYTCH_WORKSPACE_KEY_SECRET={}", workspace.key_secret));
        lines.push(format!("STYTCH_PROJECT_SLUG={}", workspace.project_slug));
        lines.push(format!("STYTCH_ENVIRONMENT_SLUG={}", workspace.environment_slug));
    }
    lines.join("\n")
}

/// What breaks a rule of the API, with its line.
fn seed_refused(path: &Path, error: &SeedError) -> Failure {
    let line = match error {
        SeedError::Invalid { place, .. } => {
            parsed::read(path).ok().and_then(|text| located::line_of(&text, place))
        }
        _ => None,
    };
    match line {
        Some(line) => refused(path, format_args!("line {line}: {error}")),
        None => refused(path, error),
    }
}

fn refused(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::usage(format!("{}: {error}", path.display()))
}

fn rate_limit(text: &str) -> Result<RateLimit, String> {
    let wrong = "give it as REQUESTS/SECONDS, as in 100/60";
    let (requests, seconds) = text.split_once('/').ok_or(wrong)?;
    let requests = requests.parse().map_err(|_| wrong)?;
    let per_seconds: NonZeroU32 = seconds.parse().map_err(|_| wrong)?;
    Ok(RateLimit { requests, per_seconds })
}
