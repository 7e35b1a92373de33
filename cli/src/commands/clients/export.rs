//! `stytch-m2m clients export`

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::apply::file::{Declared, File};
use super::list::{everything, find};
use crate::failure::Failure;
use crate::output::{Output, pretty};
use crate::private_file::Reserved;
use crate::settings::Settings;
use crate::yaml;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Path of the file: JSON if the name ends with .json, else YAML [default: standard output]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.client()?;
    let reserved = |path: &PathBuf| Reserved::new(path, options.force);
    let out = options.out.as_ref().map(reserved).transpose()?;
    let mut existing = find(&client, everything(), usize::MAX, |_| true).await?;
    existing.sort_by(|one, other| one.client_id.cmp(&other.client_id));
    let clients: Vec<_> = existing.iter().map(Declared::of).collect();
    let count = clients.len();
    let whole = json!(File { clients });
    let Some((out, path)) = out.zip(options.out) else {
        return output.result(|| whole.clone(), || yaml::text(&whole));
    };
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    out.write(&if is_json { pretty(&whole) } else { in_yaml(&whole) })?;
    output.result(
        || json!({ "file": path, "clients": count }),
        || format!("clients in {}: {count}", path.display()),
    )
}

fn in_yaml(whole: &Value) -> String {
    format!("# What clients should be: stytch-m2m clients apply FILE\n{}", yaml::text(whole))
}
