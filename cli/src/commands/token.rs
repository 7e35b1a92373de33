//! `stytch-m2m token`

mod get;

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use stytch_m2m::{
    AuthenticateOptions, IssuerConfig, KeySource, Secret, TokenVerifier, TokenVerifierConfig,
};

use crate::failure::Failure;
use crate::output::{Output, pretty};
use crate::secret;
use crate::settings::Settings;
use crate::view;
use get::Get;

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Fetch an access token with a client's credentials
    #[command(after_help = "\
Examples:
  # The secret comes from STYTCH_CLIENT_SECRET, a file or a prompt
  stytch-m2m token get --client-id billing --secret-from billing.secret --token-file token

  # At another issuer, with a key instead of a secret
  stytch-m2m token get --issuer https://issuer.example.com --client-id billing \\
    --private-key-from billing.pem --audience https://api.example.com --token-file token

  # To curl on standard input: every user of the machine can read arguments
  stytch-m2m token get --client-id billing --show-secret |
    sed 's/.*/header = \"Authorization: Bearer &\"/' | curl --config - https://api.example.com/")]
    Get(Box<Get>),
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
pub(crate) struct Verify {
    #[command(flatten)]
    token: Source,
    /// A scope that the token must grant; can be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The organization that the token must name in org_id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    organization: Option<String>,
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
        Command::Get(options) => get::run(*options, settings, output).await,
        Command::Verify(options) => verify(options, settings, output).await,
        Command::Inspect(source) => inspect(source.read()?.expose(), output),
    }
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
        organization: options.organization.map(Into::into),
        max_token_age: options.max_age.map(Duration::from_secs),
        clock_tolerance: Duration::from_secs(options.clock_tolerance),
        ..AuthenticateOptions::default()
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
