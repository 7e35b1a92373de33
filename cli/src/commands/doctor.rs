//! `stytch-m2m doctor`

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use serde_json::{Value, json};
use stytch_m2m::management::template::{ORGANIZATION_CLAIM as CLAIM, Template};
use stytch_m2m::{AuthenticateOptions, Client, CreateRequest, SearchRequest, Secret, TokenRequest};

use super::auth0::source::Source;
use super::jwks;
use super::template::check::Probe;
use super::template::show::said;
use super::template::workspace::Workspace;
use crate::environment::variable;
use crate::failure::Failure;
use crate::output::{Output, mark, plain};
use crate::secret;
use crate::settings::Settings;

/// Seconds that clocks may differ before tokens are refused somewhere.
const MOST_SKEW: i64 = 5;

/// Check settings, proxy, reachability, clock, keys, a token's round trip and organization, and Auth0
///
/// With a client, two tokens are fetched, which Stytch bills: the second shows whether the caller can
/// choose the organization that tokens name.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  stytch-m2m doctor
  # Fetch and verify a token with a client's own credentials
  stytch-m2m doctor --client-id billing --secret-from billing.secret
  # The same with a client that is created for it and then deleted
  stytch-m2m doctor --make-client

Ends with 20 if a check failed.")]
pub(crate) struct Options {
    /// The client to fetch a token with
    #[arg(long, env = "STYTCH_CLIENT_ID", value_name = "ID", allow_hyphen_values = true)]
    client_id: Option<String>,
    /// A file with its secret, or - for standard input [default: STYTCH_CLIENT_SECRET, or a prompt]
    #[arg(long, value_name = "PATH")]
    secret_from: Option<PathBuf>,
    /// Create a client without scopes for the round trip, and then delete it
    #[arg(long, conflicts_with = "client_id")]
    make_client: bool,
    #[command(flatten)]
    auth0: Source,
    #[command(flatten)]
    workspace: Workspace,
}

/// A check's name, whether it went well, or `None` if it was not made, and what there is to say.
struct Check {
    name: &'static str,
    good: Option<bool>,
    detail: String,
}

impl Check {
    fn of(name: &'static str, outcome: Result<String, Failure>) -> Self {
        match outcome {
            Ok(detail) => Self { name, good: Some(true), detail },
            Err(failure) => Self { name, good: Some(false), detail: failure.message() },
        }
    }

    fn skipped(name: &'static str, why: &str) -> Self {
        Self { name, good: None, detail: why.to_owned() }
    }

    fn to_json(&self) -> Value {
        let status = match self.good {
            Some(true) => "ok",
            Some(false) => "failed",
            None => "skipped",
        };
        json!({ "check": self.name, "status": status, "detail": self.detail })
    }
}

pub(crate) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut checks = vec![Check::of("settings", configuration(settings))];
    checks.push(proxy(settings));
    if checks.iter().all(|check| check.good != Some(false)) {
        checks.extend(reach(settings).await);
        checks.push(Check::of("key set", keys(settings).await));
        let manager = manager(settings)?;
        checks.push(match &manager {
            Some(client) => Check::of("project secret", management(client).await),
            None => Check::skipped("project secret", "set STYTCH_SECRET to check it"),
        });
        let (check, template) = template(&options.workspace, settings).await;
        checks.push(check);
        let template = template.as_deref();
        checks.extend(round_trip(&options, settings, manager.as_ref(), template).await?);
    }
    checks.push(tenant(&options.auth0, settings, output).await);
    let failed = checks.iter().filter(|check| check.good == Some(false)).count();
    output.result(
        || checks.iter().map(Check::to_json).collect(),
        || {
            let line = |check: &Check| {
                format!("{} {}: {}", mark(check.good), check.name, plain(&check.detail))
            };
            checks.iter().map(line).collect::<Vec<_>>().join("\n")
        },
    )?;
    match failed {
        0 => Ok(()),
        1 => Err(Failure::Unfinished("1 check failed".into())),
        n => Err(Failure::Unfinished(format!("{n} checks failed"))),
    }
}

fn configuration(settings: &Settings) -> Result<String, Failure> {
    let issuer = settings.issuer()?;
    let client = settings.public_client()?;
    Ok(format!("project {}, issuer {}", client.project_id(), issuer.issuers.join(" or ")))
}

/// Which proxy requests go through.
fn proxy(settings: &Settings) -> Check {
    const NAME: &str = "proxy";
    if settings.is_on_this_machine() {
        return Check::of(NAME, Ok("none: the server is on this machine".to_owned()));
    }
    let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let found = variables.iter().find_map(|name| Some((*name, variable(name)?)));
    let Some((name, url)) = found else {
        return Check::of(NAME, Ok("none: HTTPS_PROXY and ALL_PROXY are not set".to_owned()));
    };
    // What is before the host are credentials.
    let host = url.rsplit_once('@').map_or(url.as_str(), |(_, host)| host);
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
    let but = ["NO_PROXY", "no_proxy"].iter().find_map(|name| variable(name));
    let but = but.map(|but| format!(", but not for {but}")).unwrap_or_default();
    match ["http", "https", "socks5", "socks5h"].contains(&scheme) {
        true => Check::of(NAME, Ok(format!("{scheme}://{host}, from {name}{but}"))),
        false => {
            let what = format!("{name} names no proxy that is supported; none is used");
            Check::of(NAME, Err(Failure::usage(what)))
        }
    }
}

/// Whether the token template can be read, and keeps callers from choosing the organization.
async fn template(workspace: &Workspace, settings: &Settings) -> (Check, Option<String>) {
    const NAME: &str = "token template";
    if !workspace.is_given(settings) {
        let why = "set STYTCH_PROJECT_SLUG, STYTCH_ENVIRONMENT_SLUG, STYTCH_WORKSPACE_KEY_ID and \
                   STYTCH_WORKSPACE_KEY_SECRET to check it";
        return (Check::skipped(NAME, why), None);
    }
    let read = async {
        let content = workspace.open(settings).await?.template().await?.template_content;
        let template = Template::parse(&content)?;
        let unsafe_ones = template.unsafe_organizations(CLAIM);
        Ok((content, said(CLAIM, &template.source(CLAIM)), unsafe_ones.is_empty()))
    };
    match read.await {
        Ok((content, said, is_safe)) => {
            (Check { name: NAME, good: Some(is_safe), detail: said }, Some(content))
        }
        Err(failure) => (Check::of(NAME, Err(failure)), None),
    }
}

/// Whether the Auth0 tenant can be read, with its secrets.
async fn tenant(source: &Source, settings: &Settings, output: &Output) -> Check {
    const NAME: &str = "Auth0";
    if !source.is_given(settings) {
        return Check::skipped(NAME, "set AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET");
    }
    let read = source.read(settings, output).await;
    Check::of(
        NAME,
        read.map(|export| {
            let (clients, apis) = (export.clients.len(), export.resource_servers.len());
            format!("{} can be read; clients: {clients}, APIs: {apis}", export.tenant)
        }),
    )
}

/// Whether the server answers, and what time it has.
async fn reach(settings: &Settings) -> Vec<Check> {
    let date = match server_time(settings).await {
        Ok(date) => date,
        Err(failure) => return vec![Check::of("reachability", Err(failure))],
    };
    let reachable = Check::of("reachability", Ok("the server answers".into()));
    let Some(date) = date else {
        return vec![reachable, Check::skipped("clock", "the server does not tell the time")];
    };
    let ahead = match SystemTime::now().duration_since(date) {
        Ok(ahead) => ahead.as_secs() as i64,
        Err(behind) => -(behind.duration().as_secs() as i64),
    };
    let text = match ahead {
        0 => "this machine and the server agree".to_owned(),
        1.. => format!("this machine is {ahead} s ahead of the server"),
        _ => format!("this machine is {} s behind the server", -ahead),
    };
    let good = Some(ahead.abs() <= MOST_SKEW);
    vec![reachable, Check { name: "clock", good, detail: text }]
}

async fn server_time(settings: &Settings) -> Result<Option<SystemTime>, Failure> {
    Ok(stytch_m2m::internals::server_time(&settings.public_client()?).await?)
}

async fn keys(settings: &Settings) -> Result<String, Failure> {
    let jwks = jwks::fetch(settings).await?;
    let keys = jwks.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
    Ok(if keys == 1 { "1 key".into() } else { format!("{keys} keys") })
}

/// A client that may manage, if the secret is at hand: a check asks nobody.
fn manager(settings: &Settings) -> Result<Option<Client>, Failure> {
    settings.has_project_secret().then(|| settings.client()).transpose()
}

async fn management(client: &Client) -> Result<String, Failure> {
    let one = SearchRequest { limit: Some(1), ..Default::default() };
    let total = client.clients().search(one).await?.results_metadata.total;
    Ok(if total < 0 { "it works".into() } else { format!("it works; clients: {total}") })
}

async fn round_trip(
    options: &Options,
    settings: &Settings,
    manager: Option<&Client>,
    template: Option<&str>,
) -> Result<Vec<Check>, Failure> {
    const NAME: &str = "token round trip";
    match (&options.client_id, options.make_client, manager) {
        (Some(client_id), ..) => {
            let client_secret = secret::require(
                options.secret_from.as_deref(),
                "--secret-from",
                "STYTCH_CLIENT_SECRET",
                "The client's secret",
            )?;
            let client = settings.public_client()?;
            Ok(with_client(NAME, &client, client_id, client_secret, template).await)
        }
        (None, true, Some(client)) => with_made_client(NAME, client, template)
            .await
            .or_else(|failure| Ok(vec![Check::of(NAME, Err(failure))])),
        (None, true, None) => Ok(vec![Check::skipped(NAME, "--make-client needs STYTCH_SECRET")]),
        (None, false, _) => {
            Ok(vec![Check::skipped(NAME, "give --client-id and its secret, or --make-client")])
        }
    }
}

async fn with_made_client(
    name: &'static str,
    client: &Client,
    template: Option<&str>,
) -> Result<Vec<Check>, Failure> {
    let request = CreateRequest {
        client_name: Some("stytch-m2m doctor".into()),
        client_description: Some("made for a check; delete it if it is still here".into()),
        idempotent: true,
        ..Default::default()
    };
    let made = client.clients().create(request).await?.m2m_client;
    let client_id = made.client.client_id;
    let checks = with_client(name, client, &client_id, made.client_secret, template).await;
    client.clients().delete(&client_id).await?;
    Ok(checks)
}

/// The round trip, and who chooses the organization.
async fn with_client(
    name: &'static str,
    client: &Client,
    client_id: &str,
    client_secret: Secret,
    template: Option<&str>,
) -> Vec<Check> {
    let first = Check::of(name, fetch_and_verify(client, client_id, client_secret.clone()).await);
    if first.good == Some(false) {
        return vec![first];
    }
    const NAME: &str = "organization";
    let probe = Probe { client, client_id, client_secret, claim: CLAIM, parameters: &[], template };
    let second = match probe.run().await {
        Err(failure) => Check::of(NAME, Err(failure)),
        // Whoever has no organizations needs none in tokens.
        Ok(finding) if finding.is_absent() => Check::skipped(NAME, &finding.line(client_id)),
        Ok(finding) => {
            let good = Some(!finding.is_unsafe());
            Check { name: NAME, good, detail: finding.line(client_id) }
        }
    };
    vec![first, second]
}

async fn fetch_and_verify(
    client: &Client,
    client_id: &str,
    client_secret: Secret,
) -> Result<String, Failure> {
    let client_id = client_id.to_owned();
    let request = TokenRequest { client_id, client_secret, ..Default::default() };
    let token = client.token(request).await?;
    let options = AuthenticateOptions::default();
    let claims = client.authenticate_token(token.access_token.expose(), &options).await?;
    Ok(format!("a token of {} was fetched and verified", claims.client_id))
}
