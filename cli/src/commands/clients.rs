//! `stytch-m2m clients`

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Map, Value, json};
use stytch_m2m::{
    Client, ClientStatus, CreateRequest, SearchFilter, SearchOperator, SearchQuery, SearchRequest,
    UpdateRequest,
};

use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::secret::{self, SecretFile};
use crate::settings::Settings;
use crate::view;

/// Clients a page.
const PAGE: u32 = 1000;

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Create a client
    #[command(after_help = "\
Examples:
  # Its secret goes into a new file that only you can read
  stytch-m2m clients create --scope read:users --secret-file billing.secret

  # An id and a secret of your own
  stytch-m2m clients create --client-id billing --secret-from billing.secret --scope read:users

A lost answer is resolved by looking the client up: no secret is lost and no client made twice.")]
    Create(Create),
    /// Show one client
    #[command(after_help = "Example:\n  stytch-m2m clients get billing --output json")]
    Get(One),
    /// List clients
    #[command(after_help = "\
Examples:
  stytch-m2m clients list
  # Those that have at least one of the scopes
  stytch-m2m clients list --scope read:users --scope write:users")]
    List(List),
    /// Change what is given and leave the rest
    #[command(after_help = "\
Examples:
  stytch-m2m clients update billing --name Billing --scope read:invoices
  # Merges at the top level; null removes a key
  stytch-m2m clients update billing --metadata '{\"team\": \"money\", \"old\": null}'")]
    Update(Update),
    /// Let a client fetch tokens
    Activate(One),
    /// Keep a client from fetching tokens; those that it has stay valid until they expire
    Deactivate(One),
    /// Delete a client for good; its tokens stay valid until they expire
    #[command(after_help = "Example:\n  stytch-m2m clients delete billing --yes")]
    Delete(Delete),
}

#[derive(Args, Debug)]
pub(crate) struct One {
    /// The client's id
    client_id: String,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("secret").required(true).multiple(true)
    .args(["secret_file", "show_secret", "secret_from"])))]
pub(crate) struct Create {
    #[command(flatten)]
    fields: Fields,
    /// An id of your own [default: made up]
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A file with a secret of your own, at least 8 characters; - is standard input [default: made
    /// up]
    #[arg(long, value_name = "PATH")]
    secret_from: Option<PathBuf>,
    /// Write the secret into this new file, readable by you alone
    #[arg(long, value_name = "PATH")]
    secret_file: Option<PathBuf>,
    /// Print the secret
    #[arg(long)]
    show_secret: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Fields {
    /// A scope that the client may ask for; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A name for people
    #[arg(long)]
    name: Option<String>,
    /// A description for people
    #[arg(long)]
    description: Option<String>,
    /// Your own data, as a JSON object: at most 20 keys and 4 KB
    #[arg(long, value_name = "JSON", value_parser = json_object)]
    metadata: Option<Map<String, Value>>,
}

#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only the clients with one of these ids; may be repeated
    #[arg(long = "id", value_name = "ID")]
    ids: Vec<String>,
    /// Only the clients with exactly one of these names; may be repeated
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Only the clients with at least one of these scopes; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Clients that fulfil one of the conditions, not all of them
    #[arg(long)]
    any: bool,
    /// No more than so many clients
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("change").required(true).multiple(true)
    .args(["scopes", "no_scopes", "name", "description", "metadata"])))]
pub(crate) struct Update {
    /// The client's id
    client_id: String,
    #[command(flatten)]
    fields: Fields,
    /// Take all scopes away
    #[arg(long, conflicts_with = "scopes")]
    no_scopes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Delete {
    /// The client's id
    client_id: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(crate) async fn run(
    command: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    match command {
        Command::Create(options) => create(options, settings, output).await,
        Command::Get(One { client_id }) => {
            let found = settings.client()?.clients().get(&client_id).await?.m2m_client;
            output.result(|| view::client_json(&found), || view::client_text(&found))
        }
        Command::List(options) => list(options, settings, output).await,
        Command::Update(options) => {
            let Fields { scopes, name, description, metadata } = options.fields;
            let request = UpdateRequest {
                client_name: name,
                client_description: description,
                scopes: (options.no_scopes || !scopes.is_empty()).then_some(scopes),
                trusted_metadata: metadata,
                status: None,
            };
            update(&settings.client()?, &options.client_id, request, output).await
        }
        Command::Activate(One { client_id }) => {
            set_status(settings, &client_id, ClientStatus::Active, output).await
        }
        Command::Deactivate(One { client_id }) => {
            set_status(settings, &client_id, ClientStatus::Inactive, output).await
        }
        Command::Delete(options) => delete(options, settings, output).await,
    }
}

async fn create(options: Create, settings: &Settings, output: &mut Output) -> Result<(), Failure> {
    let client = settings.client()?;
    let is_kept = options.secret_from.is_some() || options.secret_file.is_some();
    let client_secret = options.secret_from.as_deref().map(secret::read).transpose()?;
    let mut file = options.secret_file.as_deref().map(SecretFile::reserve).transpose()?;
    let Fields { scopes, name, description, metadata } = options.fields;
    let request = CreateRequest {
        scopes,
        client_id: options.client_id,
        client_secret,
        client_name: name,
        client_description: description,
        trusted_metadata: metadata,
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
        "The client {id} is there: delete it with stytch-m2m clients delete {id}, or make another \
         secret with: stytch-m2m secrets rotate run {id} --secret-file PATH"
    );
    output.only_copy(&shown, &text, &plain(&advice))
}

async fn list(options: List, settings: &Settings, output: &mut Output) -> Result<(), Failure> {
    let List { ids, names, scopes, any, limit } = options;
    let operands: Vec<_> = [
        (!ids.is_empty()).then_some(SearchFilter::ClientId(ids)),
        (!names.is_empty()).then_some(SearchFilter::ClientName(names)),
        (!scopes.is_empty()).then_some(SearchFilter::Scopes(scopes)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let operator = if any { SearchOperator::Or } else { SearchOperator::And };
    let query = (!operands.is_empty()).then_some(SearchQuery { operator, operands });
    let most = limit.unwrap_or(usize::MAX);
    let page = u32::try_from(most).unwrap_or(PAGE).clamp(1, PAGE);
    let request = SearchRequest { query, limit: Some(page), ..Default::default() };
    let client = settings.client()?;
    let mut search = client.clients().search_all(request);
    let mut found = Vec::new();
    while found.len() < most {
        match search.next().await? {
            Some(client) => found.push(client),
            None => break,
        }
    }
    output.result(
        || found.iter().map(view::client_json).collect(),
        || match found.is_empty() {
            true => "no clients".to_owned(),
            false => view::clients_text(&found),
        },
    )
}

async fn set_status(
    settings: &Settings,
    client_id: &str,
    status: ClientStatus,
    output: &mut Output,
) -> Result<(), Failure> {
    let request = UpdateRequest { status: Some(status), ..Default::default() };
    update(&settings.client()?, client_id, request, output).await
}

async fn update(
    client: &Client,
    client_id: &str,
    request: UpdateRequest,
    output: &mut Output,
) -> Result<(), Failure> {
    let updated = client.clients().update(client_id, request).await?.m2m_client;
    output.result(|| view::client_json(&updated), || view::client_text(&updated))
}

async fn delete(options: Delete, settings: &Settings, output: &mut Output) -> Result<(), Failure> {
    let client = settings.client()?;
    let question = format!("Delete {} for good?", plain(&options.client_id));
    if !options.yes && !output.confirm(&question, "--yes")? {
        return Err(Failure::Interrupted);
    }
    let deleted = client.clients().delete(&options.client_id).await?;
    let id = deleted.client_id;
    output.result(|| json!({ "client_id": id }), || format!("deleted {}", plain(&id)))
}

fn json_object(text: &str) -> Result<Map<String, Value>, String> {
    // The text may hold anything, so the complaint does not repeat it.
    serde_json::from_str(text).map_err(|e| format!("not a JSON object (column {})", e.column()))
}
