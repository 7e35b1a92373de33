//! `stytch-m2m token`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Map, Value, json};
use stytch_m2m::{
    AuthenticateOptions, IssuerConfig, KeySource, Secret, TokenRequest, TokenVerifier,
    TokenVerifierConfig,
};

use crate::failure::Failure;
use crate::output::{Output, pretty};
use crate::secret::{self, SecretFile};
use crate::settings::Settings;
use crate::view;

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Fetch an access token with a client's credentials
    #[command(after_help = "\
Examples:
  # The secret comes from STYTCH_CLIENT_SECRET, a file or a prompt
  stytch-m2m token get --client-id billing --secret-from billing.secret --token-file token

  # To curl on standard input: every user of the machine can read arguments
  stytch-m2m token get --client-id billing --show-secret |
    sed 's/.*/header = \"Authorization: Bearer &\"/' | curl --config - https://api.example.com/")]
    Get(Get),
    /// Verify an access token: signature, issuer, audience, times and scopes
    #[command(after_help = "\
Examples:
  stytch-m2m token verify --scope read:users < token
  # Without a network
  stytch-m2m jwks show --output json > jwks.json
  stytch-m2m token verify --jwks jwks.json --token-from token")]
    Verify(Verify),
    /// Show what an access token says, without verifying anything
    #[command(after_help = "Example:\n  stytch-m2m token inspect < token")]
    Inspect(Source),
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("token").required(true).multiple(true)
    .args(["token_file", "show_secret"])))]
pub(crate) struct Get {
    /// The M2M client's id
    #[arg(long, env = "STYTCH_CLIENT_ID", value_name = "ID", allow_hyphen_values = true)]
    client_id: String,
    /// A file with its secret, or - for standard input [default: STYTCH_CLIENT_SECRET, or a prompt]
    #[arg(long, value_name = "PATH")]
    secret_from: Option<PathBuf>,
    /// A scope to request; can be repeated [default: all scopes of the client]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// An additional parameter, for custom-claims templates; can be repeated
    #[arg(long = "extra", value_name = "NAME=VALUE", value_parser = name_and_value)]
    extra: Vec<(String, String)>,
    /// Write the token to this new file, which only you can read
    #[arg(long, value_name = "PATH")]
    token_file: Option<PathBuf>,
    /// Print the token
    #[arg(long)]
    show_secret: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    token: Source,
    /// A scope that the token must grant; can be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Refuse tokens that are this old or older
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,
    /// The allowed difference between the clocks, up to 300
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    clock_tolerance: u64,
    /// A file with the key set, to verify without a network
    #[arg(long, value_name = "PATH")]
    jwks: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Source {
    /// A file with the token, or - for standard input [default: STYTCH_ACCESS_TOKEN, or standard
    /// input]
    #[arg(long, value_name = "PATH")]
    token_from: Option<PathBuf>,
}

impl Source {
    fn read(&self) -> Result<Secret, Failure> {
        let token = secret::find(self.token_from.as_deref(), "STYTCH_ACCESS_TOKEN", "Token")?;
        token.map_or_else(|| secret::read(Path::new("-")), Ok)
    }
}

pub(crate) async fn run(
    command: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    match command {
        Command::Get(options) => get(options, settings, output).await,
        Command::Verify(options) => verify(options, settings, output).await,
        Command::Inspect(source) => inspect(source.read()?.expose(), output),
    }
}

async fn get(options: Get, settings: &Settings, output: &mut Output) -> Result<(), Failure> {
    let client = settings.public_client()?;
    let client_secret = secret::require(
        options.secret_from.as_deref(),
        "--secret-from",
        "STYTCH_CLIENT_SECRET",
        "The client's secret",
    )?;
    let mut file = options.token_file.as_deref().map(SecretFile::reserve).transpose()?;
    let request = TokenRequest {
        client_id: options.client_id,
        client_secret,
        scopes: options.scopes,
        extra: BTreeMap::from_iter(options.extra),
        force_refresh: true,
        ..TokenRequest::default()
    };
    let token = client.token(request).await?;
    if let Some(mut file) = file.take() {
        file.write(&token.access_token)?;
        output.note(&format!("the token is in {}", file.path().display()));
    }
    let shown = options.show_secret.then(|| token.access_token.expose());
    let expires_at = view::time(token.expires_at);
    output.result(
        || {
            let mut about = json!({
                "token_type": token.token_type,
                "expires_in": token.expires_in,
                "expires_at": expires_at,
                "request_id": token.request_id,
            });
            if let (Some(token), Some(about)) = (shown, about.as_object_mut()) {
                about.insert("access_token".into(), token.into());
            }
            about
        },
        || shown.map_or_else(|| format!("a token that expires at {expires_at}"), str::to_owned),
    )
}

async fn verify(options: Verify, settings: &Settings, output: &mut Output) -> Result<(), Failure> {
    let issuer = settings.issuer()?;
    let issuer = match &options.jwks {
        None => issuer,
        Some(path) => {
            let jwks = std::fs::read_to_string(path)
                .map_err(|source| Failure::io(format!("cannot read {}", path.display()), source))?;
            IssuerConfig { keys: KeySource::Jwks(jwks), ..issuer }
        }
    };
    let config = TokenVerifierConfig {
        issuers: vec![issuer],
        transport: settings.transport()?,
        ..Default::default()
    };
    let verifier = TokenVerifier::new(config)?;
    let asked = AuthenticateOptions {
        required_scopes: options.scopes,
        max_token_age: options.max_age.map(Duration::from_secs),
        clock_tolerance: Duration::from_secs(options.clock_tolerance),
        authorize: None,
    };
    let token = options.token.read()?;
    let claims = verifier.authenticate_token(token.expose(), &asked).await?;
    let shown = view::claims_json(&claims);
    let text = format!("the token is valid\n{}", view::fields_text(&shown));
    output.result(|| shown, || text)
}

fn inspect(token: &str, output: &mut Output) -> Result<(), Failure> {
    let mut parts = token.splitn(3, '.').map(decode);
    let (Some(Some(header)), Some(Some(claims))) = (parts.next(), parts.next()) else {
        return Err(Failure::usage(
            "this is not a JWT, which is two JSON parts in base64url and a signature, separated by \
             dots",
        ));
    };
    output.warning("nothing was verified: anybody can write such a token");
    let times = times(&claims);
    let (header, claims) = (Value::Object(header), Value::Object(claims));
    output.result(
        || json!({ "verified": false, "header": header, "claims": claims }),
        || {
            let [header, claims] = [&header, &claims].map(pretty);
            format!("NOT VERIFIED\nheader {header}\nclaims {claims}\n{times}")
        },
    )
}

fn decode(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The claims that are instants, for people.
fn times(claims: &Map<String, Value>) -> String {
    let instant = |name| {
        let seconds = claims.get(name)?.as_u64()?;
        let at = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
        Some(format!("{name} is {}\n", view::time(at)))
    };
    ["iat", "nbf", "exp"].into_iter().filter_map(instant).collect()
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
