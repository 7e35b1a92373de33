//! `stytch-m2m clients delete`

use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::settings::Settings;
use crate::word;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The client's id
    #[arg(allow_hyphen_values = true, value_parser = word::client_id)]
    client_id: String,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.client()?;
    let question = format!("Delete {} permanently?", plain(&options.client_id));
    if !options.yes && !output.confirm(&question, "--yes")? {
        return Err(Failure::Interrupted);
    }
    let deleted = client.clients().delete(&options.client_id).await?;
    let id = deleted.client_id;
    output.result(|| json!({ "client_id": id }), || format!("deleted {}", plain(&id)))
}
