//! `stytch-m2m profiles`

use clap::Subcommand;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::profile::{self, Profile};
use crate::table::Table;

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// List the profiles, without their secrets
    #[command(after_help = "\
Examples:
  stytch-m2m profiles list
  stytch-m2m clients list --profile live

  # The file: the one that `profiles list` names, or the one that STYTCH_CONFIG names
  profiles:
    test:
      project_id: project-test-...
      secret: { variable: STYTCH_TEST_SECRET }
    live:
      project_id: project-live-...
      secret: { command: 'op read op://m2m/stytch/secret' }   # or file: PATH, or keychain: ACCOUNT
      b2b: true
      auth0: { domain: acme.eu.auth0.com, client_id: ..., secret: { keychain: auth0 } }
      workspace:                                # for `template`
        { project_slug: acme, environment_slug: production, key_id: ..., secret: { keychain: key } }

  # keychain: ACCOUNT is read with secret-tool on Linux and security on macOS. To store it:
  secret-tool store --label 'stytch-m2m live' service stytch-m2m account live
  security add-generic-password -s stytch-m2m -a live -w")]
    List,
}

pub(crate) fn run(Command::List: Command, output: &mut Output) -> Result<(), Failure> {
    let path = profile::path()?;
    // A file that is named by the variable must be there; the platform's need not.
    let known = match profile::is_named() || path.exists() {
        true => profile::read()?.profiles,
        false => Default::default(),
    };
    output.note(&format!("the profiles are in {}", path.display()));
    output.result(
        || known.iter().map(|(name, profile)| json(name, profile)).collect(),
        || {
            if known.is_empty() {
                return "no profiles".to_owned();
            }
            let mut table = Table::new(["PROFILE", "PROJECT ID", "BASE URL", "AUTH0"]);
            for (name, profile) in &known {
                let tenant = profile.auth0.as_ref().map(|tenant| tenant.domain.as_str());
                let base_url = profile.base_url.as_deref().unwrap_or_default();
                table.add_row([
                    plain(name),
                    plain(&profile.project_id),
                    plain(base_url),
                    plain(tenant.unwrap_or_default()),
                ]);
            }
            table.text()
        },
    )
}

fn json(name: &str, profile: &Profile) -> Value {
    json!({
        "profile": name,
        "project_id": profile.project_id,
        "base_url": profile.base_url,
        "b2b": profile.b2b,
        "auth0_domain": profile.auth0.as_ref().map(|tenant| &tenant.domain),
    })
}
