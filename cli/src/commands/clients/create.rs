//! `stytch-m2m clients create`

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde_json::{Map, Value};
use stytch_m2m::CreateRequest;

use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::secret::{self, SecretFile};
use crate::settings::Settings;
use crate::view;
use crate::word::{call, quoted};

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("secret").required(true).multiple(true)
    .args(["secret_file", "show_secret", "secret_from"])))]
pub(crate) struct Options {
    #[command(flatten)]
    fields: Fields,
    /// The client's id [default: generated]
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    client_id: Option<String>,
    /// A file with the client's secret, at least 8 characters; - is standard input [default:
    /// generated]
    #[arg(long, value_name = "PATH")]
    secret_from: Option<PathBuf>,
    /// Write the secret to this new file, which only you can read
    #[arg(long, value_name = "PATH")]
    secret_file: Option<PathBuf>,
    /// Print the secret
    #[arg(long)]
    show_secret: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Fields {
    /// A scope of the client; can be repeated. In `update`, these replace all its scopes;
    /// --add-scope and --remove-scope keep the others
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(super) scopes: Vec<String>,
    /// A name for people
    #[arg(long)]
    pub(super) name: Option<String>,
    /// A description for people
    #[arg(long)]
    pub(super) description: Option<String>,
    /// The organization that the client belongs to, which its metadata has as organization_id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(super) organization: Option<String>,
    /// Your own data, as a JSON object: at most 20 keys and 4 KiB
    #[arg(long, value_name = "JSON", value_parser = json_object)]
    pub(super) metadata: Option<Map<String, Value>>,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.client()?;
    let is_kept = options.secret_from.is_some() || options.secret_file.is_some();
    let client_secret = options.secret_from.as_deref().map(secret::read).transpose()?;
    let mut file = options.secret_file.as_deref().map(SecretFile::reserve).transpose()?;
    let Fields { scopes, name, description, organization, metadata } = options.fields;
    let request = CreateRequest {
        scopes,
        client_id: options.client_id,
        client_secret,
        client_name: name,
        client_description: description,
        trusted_metadata: metadata,
        organization_id: organization,
        idempotent: true,
    };
    let created = client.clients().create(request).await?.m2m_client;
    if let Some(file) = &mut file {
        file.write(&created.client_secret)?;
    }
    let mut shown = view::client_json(&created.client);
    if let (true, Some(shown)) = (options.show_secret, shown.as_object_mut()) {
        shown.insert("client_secret".into(), created.client_secret.expose().into());
    }
    if let Some(file) = file {
        output.note(&format!("the secret is in {}", file.path().display()));
    }
    let text = view::fields_text(&shown);
    if is_kept || !options.show_secret {
        return output.result(|| shown, || text);
    }
    let id = &created.client.client_id;
    let advice = format!(
        "The client {} exists: delete it with {}, or make another secret with: {}",
        quoted(id),
        call("clients delete", id, ""),
        call("secrets rotate run", id, "--secret-file PATH")
    );
    output.only_copy(created.client_secret.expose(), &shown, &text, &plain(&advice))
}

fn json_object(text: &str) -> Result<Map<String, Value>, String> {
    // The text may hold anything, so the complaint does not repeat it.
    serde_json::from_str(text).map_err(|e| format!("not a JSON object (column {})", e.column()))
}
