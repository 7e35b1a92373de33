//! `stytch-m2m jwks`

use clap::Subcommand;
use serde_json::Value;

use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::settings::Settings;
use crate::table::Table;

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Show the keys that the project's tokens are signed with
    #[command(after_help = "\
Examples:
  stytch-m2m jwks show
  stytch-m2m jwks show --output json > jwks.json    # for `token verify --jwks`")]
    Show,
}

pub(crate) async fn run(
    Command::Show: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let jwks = fetch(settings).await?;
    output.result(
        || jwks.clone(),
        || {
            let mut table = Table::new(["KID", "TYPE", "ALGORITHM", "USE"]);
            for key in jwks.get("keys").and_then(Value::as_array).into_iter().flatten() {
                let text = |name: &str| plain(key.get(name).and_then(Value::as_str).unwrap_or("-"));
                table.add_row(["kid", "kty", "alg", "use"].map(text));
            }
            table.text()
        },
    )
}

/// The project's key set, as its server sent it.
pub(crate) async fn fetch(settings: &Settings) -> Result<Value, Failure> {
    let client = settings.public_client()?;
    client.verifier().warm_up().await?;
    let exported = client.verifier().export_jwks();
    let text = exported.first().map(|set| set.jwks.as_str()).unwrap_or_default();
    Ok(serde_json::from_str(text).unwrap_or_default())
}
