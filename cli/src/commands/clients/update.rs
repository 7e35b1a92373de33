//! `stytch-m2m clients update`, `activate` and `deactivate`

use clap::{ArgGroup, Args};
use stytch_m2m::{Client, ClientStatus, UpdateRequest};

use super::create::Fields;
use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::settings::Settings;
use crate::view;
use crate::word;

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("change").required(true).multiple(true).args([
    "scopes", "no_scopes", "add_scopes", "remove_scopes", "name", "description",
    "organization", "metadata",
])))]
pub(crate) struct Options {
    /// The client's id
    #[arg(allow_hyphen_values = true, value_parser = word::client_id)]
    client_id: String,
    #[command(flatten)]
    fields: Fields,
    /// Remove all scopes
    #[arg(long, conflicts_with = "scopes")]
    no_scopes: bool,
    /// Add this scope and keep the others; can be repeated
    #[arg(long = "add-scope", value_name = "SCOPE", conflicts_with_all = ["scopes", "no_scopes"])]
    add_scopes: Vec<String>,
    /// Remove this scope and keep the others; can be repeated
    #[arg(long = "remove-scope", value_name = "SCOPE",
        conflicts_with_all = ["scopes", "no_scopes"])]
    remove_scopes: Vec<String>,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.client()?;
    let Options { client_id, fields, no_scopes, add_scopes, remove_scopes } = options;
    let Fields { scopes, name, description, organization, metadata } = fields;
    let scopes = if add_scopes.is_empty() && remove_scopes.is_empty() {
        (no_scopes || !scopes.is_empty()).then_some(scopes)
    } else {
        if let Some(both) = add_scopes.iter().find(|scope| remove_scopes.contains(scope)) {
            let both = plain(both);
            return Err(Failure::usage(format!("{both} cannot be both added and removed")));
        }
        // The API replaces the whole list, so somebody else's change in between is lost.
        let mut all = client.clients().get(&client_id).await?.m2m_client.scopes;
        all.retain(|scope| !remove_scopes.contains(scope) && !add_scopes.contains(scope));
        all.extend(add_scopes);
        Some(all)
    };
    let request = UpdateRequest {
        client_name: name,
        client_description: description,
        scopes,
        trusted_metadata: metadata,
        organization_id: organization,
        status: None,
    };
    update(&client, &client_id, request, output).await
}

pub(super) async fn set_status(
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
