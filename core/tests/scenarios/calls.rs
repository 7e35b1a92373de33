//! What a step may call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stytch_m2m::{
    AuthenticateOptions, Authorize, Client, ClientConfig, CreateRequest, Error, OrganizationClient,
    OrganizationConfig, Secret, Secrets, TokenRequest, TokenSource, TokenSourceConfig,
    TransportConfig, UpdateRequest,
};
use stytch_m2m_emulator::Emulator;

use crate::Outcome;
use crate::arguments::{Args, search};
use crate::format::{Organization, Scenario, Settings, Source};
use crate::shown;

/// One scenario's objects, and the emulator as it begins.
pub(crate) struct World {
    project_id: String,
    emulator_url: String,
    http: reqwest::Client,
    client: Client,
    source: Option<TokenSource>,
    organization: Option<OrganizationClient>,
}

/// What a call can fail with: `rotate_with` also with what its caller's function failed with.
enum Failure {
    Sdk(Error),
    Store,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sdk(error)
    }
}

impl World {
    pub(crate) async fn new(emulator: &Emulator, seed: &Value, scenario: &Scenario) -> Self {
        let Settings { secret, base_url, .. } = &scenario.settings;
        let project_id = Some(emulator.project_id().to_owned());
        let base_url = base_url.clone().or_else(|| Some(emulator.base_url().to_owned()));
        let client = Client::new(ClientConfig {
            project_id: emulator.project_id().to_owned(),
            secret: Some(secret.clone().map_or_else(|| emulator.secret().into(), Into::into)),
            base_url: base_url.clone(),
            transport: transport(&scenario.settings),
            ..Default::default()
        });
        let organization = scenario.organization.as_ref().map(|Organization { authorization }| {
            OrganizationClient::new(OrganizationConfig {
                base_url: base_url.clone().unwrap_or_default(),
                authorization: authorization.clone(),
                transport: transport(&scenario.settings),
            })
            .unwrap()
        });
        let source = scenario.source.as_ref().map(|source| {
            let Source { client_id, client_secret, scopes, extra } = source;
            TokenSource::new(TokenSourceConfig {
                project_id,
                base_url,
                client_id: client_id.clone(),
                client_secret: Some(client_secret.clone().into()),
                scopes: scopes.clone(),
                extra: extra.clone(),
                transport: transport(&scenario.settings),
                ..Default::default()
            })
            .unwrap()
        });
        let world = Self {
            project_id: emulator.project_id().to_owned(),
            emulator_url: emulator.base_url().to_owned(),
            http: reqwest::Client::new(),
            client: client.unwrap(),
            source,
            organization,
        };
        world.admin("PUT", "/_emulator/seed", Some(seed)).await;
        world.admin("POST", "/_emulator/keys/retire", None).await;
        world
    }

    /// What `${...}` may name from the start.
    pub(crate) fn names(&self) -> BTreeMap<String, String> {
        [("project_id".to_owned(), self.project_id.clone())].into()
    }

    /// The operations that were asked for, and how often.
    pub(crate) async fn hits(&self) -> BTreeMap<String, u64> {
        let counts = self.admin("GET", "/_emulator/counts", None).await;
        let mut hits: BTreeMap<_, _> = serde_json::from_value(counts).unwrap();
        hits.retain(|_, count| *count > 0);
        hits
    }

    pub(crate) async fn call(&self, name: &str, with: &Value) -> Outcome {
        let mut args = Args::new(with);
        let outcome = self.dispatch(name, &mut args).await;
        args.end(name);
        outcome.map_err(|failure| match failure {
            Failure::Sdk(error) => shown::error(&error),
            Failure::Store => json!({ "code": "store_failed" }),
        })
    }

    async fn dispatch(&self, name: &str, args: &mut Args) -> Result<Value, Failure> {
        let (clients, secrets) = (self.client.clients(), self.client.secrets());
        let source = || self.source.as_ref().unwrap();
        let organization = || self.organization.as_ref().unwrap();
        Ok(match name {
            "admin" => {
                let (method, path): (String, String) = (args.take("method"), args.take("path"));
                self.admin(&method, &path, args.optional::<Option<Value>>("body").as_ref()).await
            }
            "token" => {
                let request = TokenRequest {
                    client_id: args.take("client_id"),
                    client_secret: args.take("client_secret"),
                    scopes: args.optional("scopes"),
                    extra: args.optional("extra"),
                    force_refresh: args.optional("force_refresh"),
                    ..Default::default()
                };
                shown::token(&self.client.token(request).await?)
            }
            "source.get_token" => shown::token(&source().get_token().await?),
            "source.invalidate" => {
                source().invalidate(&args.take::<String>("access_token"));
                Value::Null
            }
            "authenticate_token" => {
                let access_token: String = args.take("access_token");
                let options = AuthenticateOptions {
                    required_scopes: args.optional("required_scopes"),
                    organization: args.organization(),
                    max_token_age: args
                        .optional::<Option<u64>>("max_token_age_seconds")
                        .map(Duration::from_secs),
                    clock_tolerance: Duration::from_secs(args.optional("clock_tolerance_seconds")),
                    authorize: args.optional::<Option<bool>>("authorize").map(answering),
                };
                let claims = self.client.authenticate_token(&access_token, &options).await?;
                shown::claims(&claims)
            }
            "clients.create" => {
                let request = CreateRequest {
                    scopes: args.take("scopes"),
                    client_id: args.optional("client_id"),
                    client_secret: args.optional("client_secret"),
                    client_name: args.optional("client_name"),
                    client_description: args.optional("client_description"),
                    trusted_metadata: args.optional("trusted_metadata"),
                    organization_id: args.optional("organization_id"),
                    idempotent: args.optional("idempotent"),
                };
                let created = clients.create(request).await?;
                let (new, secret) = (&created.m2m_client.client, &created.m2m_client.client_secret);
                let client = shown::with_secret(new, "client_secret", secret);
                json!({ "m2m_client": client, "status_code": created.status_code })
            }
            "clients.get" => shown::answer(&clients.get(&args.client_id()).await?),
            "clients.search" => {
                let page = clients.search(search(args)).await?;
                json!({
                    "m2m_clients": page.m2m_clients.iter().map(shown::client).collect::<Value>(),
                    "results_metadata": {
                        "total": page.results_metadata.total,
                        "next_cursor": page.results_metadata.next_cursor,
                    },
                    "status_code": page.status_code,
                })
            }
            "clients.search_all" => {
                let (mut found, mut all) = (Vec::new(), clients.search_all(search(args)));
                while let Some(client) = all.next().await? {
                    found.push(shown::client(&client));
                }
                Value::Array(found)
            }
            "clients.update" => {
                let request = UpdateRequest {
                    client_name: args.optional("client_name"),
                    client_description: args.optional("client_description"),
                    status: args.optional("status"),
                    scopes: args.optional("scopes"),
                    trusted_metadata: args.optional("trusted_metadata"),
                    organization_id: args.optional("organization_id"),
                };
                shown::answer(&clients.update(&args.client_id(), request).await?)
            }
            "clients.delete" => {
                let deleted = clients.delete(&args.client_id()).await?;
                json!({ "client_id": deleted.client_id, "status_code": deleted.status_code })
            }
            "secrets.rotate_start" => {
                shown::started(&secrets.rotate_start(&args.client_id()).await?)
            }
            "secrets.recover_rotation" => {
                shown::started(&secrets.recover_rotation(&args.client_id()).await?)
            }
            "secrets.rotate" => shown::answer(&secrets.rotate(&args.client_id()).await?),
            "secrets.rotate_cancel" => {
                shown::answer(&secrets.rotate_cancel(&args.client_id()).await?)
            }
            "secrets.rotate_finish" => {
                let next: Secret = args.take("next_client_secret");
                shown::answer(&secrets.rotate_finish(&args.client_id(), &next).await?)
            }
            "secrets.rotate_with" => {
                rotate_with(&secrets, &args.client_id(), args.optional("store_fails")).await?
            }
            "organization.client_id" => json!({ "client_id": organization().client_id().await? }),
            "organization.client_secret" => {
                json!({ "client_secret": organization().client_secret().await?.expose() })
            }
            "organization.token" => {
                shown::token(&organization().token(args.optional("force_refresh")).await?)
            }
            "organization.rotate" => {
                json!({ "client_secret": organization().rotate().await?.expose() })
            }
            _ => panic!("there is no call {name}"),
        })
    }

    /// Asks the emulator, whose answer must be a success.
    async fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let url = format!("{}{path}", self.emulator_url);
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }
}

fn transport(settings: &Settings) -> TransportConfig {
    let default = TransportConfig::default();
    let or = |seconds: Option<f64>, or| seconds.map_or(or, Duration::from_secs_f64);
    TransportConfig {
        attempt_timeout: or(settings.attempt_timeout_seconds, default.attempt_timeout),
        total_timeout: or(settings.total_timeout_seconds, default.total_timeout),
        ..default
    }
}

/// With a function that keeps the secret, or fails.
async fn rotate_with(secrets: &Secrets, client_id: &str, fails: bool) -> Result<Value, Failure> {
    let mut stored = None;
    let store = async |next: Secret| {
        stored = Some(next.expose().to_owned());
        if fails { Err(Failure::Store) } else { Ok(()) }
    };
    let mut shown = shown::answer(&secrets.rotate_with(client_id, store).await?);
    shown["stored"] = json!(stored);
    Ok(shown)
}

/// Decides in place of the comparison of scopes.
fn answering(answer: bool) -> Authorize {
    Arc::new(move |_, _| answer)
}
