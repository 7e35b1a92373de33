//! `stytch-m2m token get`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args};
use serde_json::json;
use stytch_m2m::{Algorithm, ClientAuth, Secret, SecretSource, TokenSource, TokenSourceConfig};

use crate::environment::variable;
use crate::failure::Failure;
use crate::output::Output;
use crate::secret::{self, SecretFile};
use crate::settings::Settings;
use crate::view;

const TOKEN_URL: &str = "STYTCH_TOKEN_URL";
const SECRET: &str = "STYTCH_CLIENT_SECRET";
const SECRET_FILE: &str = "STYTCH_CLIENT_SECRET_FILE";

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("token").required(true).multiple(true)
    .args(["token_file", "show_secret"])))]
pub(crate) struct Get {
    /// The client's id
    #[arg(long, env = "STYTCH_CLIENT_ID", value_name = "ID", allow_hyphen_values = true)]
    #[arg(required_unless_present = "assertion_from")]
    client_id: Option<String>,
    /// A file with its secret, or - for standard input [default: STYTCH_CLIENT_SECRET, the file in
    /// STYTCH_CLIENT_SECRET_FILE, or a prompt]
    #[arg(long, value_name = "PATH")]
    secret_from: Option<PathBuf>,
    /// A scope to request; can be repeated [default: all scopes of the client]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The audience that the token is for, at servers that take this parameter
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// A resource that the token is for (RFC 8707), an absolute URI; can be repeated
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// An additional parameter, for custom-claims templates; can be repeated
    #[arg(long = "extra", value_name = "NAME=VALUE", value_parser = name_and_value)]
    extra: Vec<(String, String)>,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    credential: Credential,
    /// Write the token to this new file, which only you can read
    #[arg(long, value_name = "PATH")]
    token_file: Option<PathBuf>,
    /// Print the token
    #[arg(long)]
    show_secret: bool,
}

/// Another server than the project's.
#[derive(Args, Debug)]
#[command(next_help_heading = "Another server")]
struct Server {
    /// Fetch the token from this issuer instead of the project; its discovery document has the
    /// address
    #[arg(long, value_name = "URL", conflicts_with = "token_url")]
    issuer: Option<String>,
    /// Fetch the token from this token endpoint instead of the project's [default: STYTCH_TOKEN_URL,
    /// unless a profile names the project]
    #[arg(long, value_name = "URL")]
    token_url: Option<String>,
}

impl Server {
    /// With what the environment says, unless an option or a profile names the server.
    fn or_env(mut self, settings: &Settings) -> Self {
        if self.issuer.is_none() && self.token_url.is_none() && settings.chosen.is_none() {
            self.token_url = variable(TOKEN_URL);
        }
        self
    }
}

/// What the client proves its identity with, if not with a secret in the body.
#[derive(Args, Debug)]
#[command(next_help_heading = "Client authentication")]
struct Credential {
    /// The method [default: what the issuer offers, or else client_secret_post; private_key_jwt
    /// with a key or an assertion]
    #[arg(long, value_name = "METHOD")]
    #[arg(value_parser = PossibleValuesParser::new(ClientAuth::ALL.map(ClientAuth::name)))]
    client_auth: Option<String>,
    /// A file with the private key that signs the client's assertions, as PEM or JWK
    #[arg(long, value_name = "PATH")]
    private_key_from: Option<PathBuf>,
    /// The `kid` of the assertions [default: the JWK's]
    #[arg(long, value_name = "KID", requires = "private_key_from")]
    key_id: Option<String>,
    /// The algorithm of their signatures, such as ES256 [default: by the key]
    #[arg(long, value_name = "ALG", requires = "private_key_from")]
    signing_algorithm: Option<String>,
    /// Their `aud` [default: the issuer, or the URL of the token endpoint]
    #[arg(long, value_name = "AUDIENCE", requires = "private_key_from")]
    assertion_audience: Option<String>,
    /// A file with an assertion that the client's platform issued (RFC 7523, section 2.2)
    #[arg(long, value_name = "PATH")]
    client_assertion_from: Option<PathBuf>,
    /// A file with an assertion to exchange for the token (RFC 7523, section 2.1)
    #[arg(long, value_name = "PATH")]
    assertion_from: Option<PathBuf>,
    /// A file with the client's certificate and private key as PEM, for TLS
    #[arg(long, value_name = "PATH")]
    client_certificate_from: Option<PathBuf>,
}

impl Credential {
    /// Whether the client has a secret, so that a missing one is asked for.
    fn takes_secret(&self, method: Option<ClientAuth>) -> bool {
        use ClientAuth::{ClientSecretBasic, ClientSecretPost};
        let others = [&self.private_key_from, &self.client_assertion_from, &self.assertion_from];
        match method {
            Some(method) => matches!(method, ClientSecretBasic | ClientSecretPost),
            None => others.iter().all(|path| path.is_none()),
        }
    }
}

pub(super) async fn run(
    options: Get,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut file = options.token_file.as_deref().map(SecretFile::reserve).transpose()?;
    let shows = options.show_secret;
    let token = TokenSource::new(config(options, settings)?)?.get_token().await?;
    if let Some(mut file) = file.take() {
        file.write(&token.access_token)?;
        output.note(&format!("the token is in {}", file.path().display()));
    }
    let shown = shows.then(|| token.access_token.expose());
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

fn config(options: Get, settings: &Settings) -> Result<TokenSourceConfig, Failure> {
    let Server { issuer, token_url } = options.server.or_env(settings);
    let credential = options.credential;
    let client_auth: Option<ClientAuth> =
        credential.client_auth.as_deref().map(str::parse).transpose()?;
    let is_elsewhere = issuer.is_some() || token_url.is_some();
    let mut config = TokenSourceConfig {
        issuer,
        token_url,
        client_id: options.client_id.unwrap_or_default(),
        client_auth,
        private_key: content(credential.private_key_from.as_deref())?,
        key_id: credential.key_id.clone(),
        signing_algorithm: algorithm(credential.signing_algorithm.as_deref())?,
        assertion_audience: credential.assertion_audience.clone(),
        client_assertion: content(credential.client_assertion_from.as_deref())?,
        assertion: content(credential.assertion_from.as_deref())?,
        scopes: options.scopes,
        resource: options.resource,
        audience: options.audience,
        extra: BTreeMap::from_iter(options.extra),
        transport: settings.transport()?,
        ..TokenSourceConfig::default()
    };
    config.transport.client_certificate_pem =
        content(credential.client_certificate_from.as_deref())?;
    if !is_elsewhere {
        config.project_id = Some(settings.project_id()?.to_owned());
        config.base_url.clone_from(&settings.base_url);
    }
    if options.secret_from.is_some() || credential.takes_secret(client_auth) {
        config.client_secret = Some(client_secret(options.secret_from)?.into());
    }
    Ok(config)
}

fn client_secret(given: Option<PathBuf>) -> Result<Secret, Failure> {
    let path = match (given, variable(SECRET_FILE)) {
        (None, Some(_)) if variable(SECRET).is_some() => {
            return Err(Failure::usage(format!("set {SECRET} or {SECRET_FILE}, not both")));
        }
        (given, file) => given.or_else(|| file.map(PathBuf::from)),
    };
    secret::require(path.as_deref(), "--secret-from", SECRET, "The client's secret")
}

fn content(path: Option<&Path>) -> Result<Option<SecretSource>, Failure> {
    Ok(path.map(secret::read).transpose()?.map(SecretSource::value))
}

fn algorithm(name: Option<&str>) -> Result<Option<Algorithm>, Failure> {
    Ok(name.map(str::parse).transpose()?)
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
