//! Random sequences of operations agree with a model of what the API promises.

use std::{collections::BTreeMap, sync::LazyLock};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{Answer, Api, Credentials};

#[derive(Clone, Debug)]
enum Step {
    Create {
        scopes: Vec<String>,
        metadata: Map<String, Value>,
    },
    Get(usize),
    Update {
        which: usize,
        active: Option<bool>,
        scopes: Option<Vec<String>>,
        metadata: Map<String, Value>,
    },
    Delete(usize),
    RotateStart(usize),
    Rotate(usize),
    RotateCancel(usize),
    Token {
        which: usize,
        secret: WhichSecret,
        scope: Option<String>,
    },
    Search {
        scopes: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug)]
enum WhichSecret {
    Current,
    Next,
    Retired,
}

#[derive(Clone)]
struct Client {
    active: bool,
    scopes: Vec<String>,
    metadata: Map<String, Value>,
    secret: String,
    next: Option<String>,
    retired: Option<String>,
}

fn scope() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["read:a", "read:b", "write:a"]).prop_map(str::to_owned)
}

fn scopes() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(scope(), 0..3).prop_map(|scopes| scopes.into_iter().collect())
}

fn metadata() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop::sample::select(vec![json!(null), json!(1), json!({ "x": null }), json!([])]);
    let key = prop::sample::select(vec!["k", "l", "m"]).prop_map(str::to_owned);
    prop::collection::btree_map(key, value, 0..3).prop_map(|map| map.into_iter().collect())
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..6_usize;
    let secret = prop::sample::select(vec![
        WhichSecret::Current,
        WhichSecret::Current,
        WhichSecret::Next,
        WhichSecret::Retired,
    ]);
    prop_oneof![
        3 => (scopes(), metadata()).prop_map(|(scopes, metadata)| Step::Create { scopes, metadata }),
        1 => which.clone().prop_map(Step::Get),
        3 => (which.clone(), any::<Option<bool>>(), prop::option::of(scopes()), metadata()).prop_map(
            |(which, active, scopes, metadata)| Step::Update { which, active, scopes, metadata }
        ),
        1 => which.clone().prop_map(Step::Delete),
        2 => which.clone().prop_map(Step::RotateStart),
        2 => which.clone().prop_map(Step::Rotate),
        1 => which.clone().prop_map(Step::RotateCancel),
        4 => (which, secret, prop::option::of(scope()))
            .prop_map(|(which, secret, scope)| Step::Token { which, secret, scope }),
        1 => scopes().prop_map(|scopes| Step::Search { scopes }),
    ]
}

/// The model beside the real thing. `known` keeps deleted clients, to ask for them again.
struct Pair<'a> {
    api: &'a Api,
    model: BTreeMap<String, Client>,
    known: Vec<(String, Client)>,
}

fn last_four(secret: &str) -> &str {
    &secret[secret.len() - 4..]
}

impl Pair<'_> {
    fn expected(&self, id: &str) -> Option<Value> {
        let client = self.model.get(id)?;
        Some(json!({
            "client_id": id,
            "client_name": "",
            "client_description": "",
            "status": if client.active { "active" } else { "inactive" },
            "scopes": client.scopes,
            "client_secret_last_four": last_four(&client.secret),
            "next_client_secret_last_four": client.next.as_deref().map(last_four),
            "trusted_metadata": client.metadata,
        }))
    }

    /// Either the client as the model has it, or the error that the model foretells.
    fn check(&self, id: &str, answer: Answer, error: Option<&str>) {
        match (self.expected(id), error) {
            (None, _) => answer.refused(404, "m2m_client_not_found"),
            (Some(_), Some(error)) => answer.refused(400, error),
            (Some(expected), None) => assert_eq!(answer.ok()["m2m_client"], expected),
        }
    }

    fn pick(&self, which: usize) -> Option<(String, Client)> {
        let length = self.known.len();
        (length > 0).then(|| self.known[which % length].clone())
    }

    async fn rotation(&mut self, which: usize, step: &str) {
        let Some((id, _)) = self.pick(which) else { return };
        let path = format!("/v1/m2m/clients/{id}/secrets/rotate{step}");
        let mut answer = self.api.post(&path, json!({})).await;
        let mut error = None;
        if let Some(client) = self.model.get_mut(&id) {
            match (step, client.next.take()) {
                ("/start", None) => {
                    let secret = answer.body["m2m_client"]["next_client_secret"].take();
                    client.next = Some(secret.as_str().expect("the next secret").to_owned());
                    let shown = answer.body["m2m_client"].as_object_mut().unwrap();
                    shown.remove("next_client_secret");
                }
                ("/start", next) => {
                    client.next = next;
                    error = Some("m2m_client_already_rotating_secret");
                }
                (_, None) => error = Some("m2m_client_not_rotating_secret"),
                ("", Some(next)) => {
                    client.retired = Some(std::mem::replace(&mut client.secret, next));
                }
                (_, Some(next)) => client.retired = Some(next),
            }
        }
        self.check(&id, answer, error);
    }

    async fn run(&mut self, step: Step) {
        match step {
            Step::Create { scopes, metadata } => {
                let body = json!({ "scopes": scopes, "trusted_metadata": metadata });
                let Credentials { id, secret } = self.api.create(body).await;
                let metadata = metadata.into_iter().filter(|(_, value)| !value.is_null()).collect();
                let client =
                    Client { active: true, scopes, metadata, secret, next: None, retired: None };
                self.known.push((id.clone(), client.clone()));
                self.model.insert(id.clone(), client);
                self.check(&id, self.api.get(&format!("/v1/m2m/clients/{id}")).await, None);
            }
            Step::Get(which) => {
                let Some((id, _)) = self.pick(which) else { return };
                self.check(&id, self.api.get(&format!("/v1/m2m/clients/{id}")).await, None);
            }
            Step::Update { which, active, scopes, metadata } => {
                let Some((id, _)) = self.pick(which) else { return };
                let status = active.map(|active| if active { "active" } else { "inactive" });
                let body =
                    json!({ "status": status, "scopes": scopes, "trusted_metadata": metadata });
                let answer = self.api.put(&format!("/v1/m2m/clients/{id}"), body).await;
                if let Some(client) = self.model.get_mut(&id) {
                    client.active = active.unwrap_or(client.active);
                    client.scopes = scopes.unwrap_or(client.scopes.clone());
                    for (key, value) in metadata {
                        client.metadata.insert(key, value);
                    }
                    client.metadata.retain(|_, value| !value.is_null());
                }
                self.check(&id, answer, None);
            }
            Step::Delete(which) => {
                let Some((id, _)) = self.pick(which) else { return };
                let answer = self.api.delete(&format!("/v1/m2m/clients/{id}")).await;
                match self.model.remove(&id) {
                    Some(_) => assert_eq!(answer.ok()["client_id"], id),
                    None => answer.refused(404, "m2m_client_not_found"),
                }
            }
            Step::RotateStart(which) => self.rotation(which, "/start").await,
            Step::Rotate(which) => self.rotation(which, "").await,
            Step::RotateCancel(which) => self.rotation(which, "/cancel").await,
            Step::Token { which, secret, scope } => self.token(which, secret, scope).await,
            Step::Search { scopes } => self.search(scopes).await,
        }
    }

    async fn token(&self, which: usize, secret: WhichSecret, scope: Option<String>) {
        let Some((id, first)) = self.pick(which) else { return };
        let client = self.model.get(&id);
        let latest = client.unwrap_or(&first);
        let (secret, valid) = match secret {
            WhichSecret::Current => (Some(latest.secret.clone()), true),
            WhichSecret::Next => (latest.next.clone(), true),
            WhichSecret::Retired => (latest.retired.clone(), false),
        };
        let Some(secret) = secret else { return };
        let answer = self.api.token(&Credentials { id, secret }, json!({ "scope": scope })).await;
        match client {
            Some(client) if client.active && valid => {
                let known = |scope| client.scopes.contains(scope);
                if scope.as_ref().is_none_or(known) {
                    answer.ok();
                } else {
                    answer.oauth_refused(400, "invalid_scope");
                }
            }
            _ => answer.oauth_refused(401, "invalid_client"),
        }
    }

    async fn search(&self, scopes: Vec<String>) {
        let operands = json!([{ "filter_name": "scopes", "filter_value": scopes }]);
        let body = json!({ "query": { "operator": "AND", "operands": operands } });
        let found = self.api.post("/v1/m2m/clients/search", body).await.ok();
        let matches = |client: &Client| client.scopes.iter().any(|scope| scopes.contains(scope));
        let ids = self.model.iter().filter(|(_, client)| matches(client)).map(|(id, _)| id);
        let expected: Vec<Value> = ids.filter_map(|id| self.expected(id)).collect();
        assert_eq!(found["m2m_clients"], json!(expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn operations_agree_with_the_model(steps in prop::collection::vec(step(), 1..40)) {
        static API: LazyLock<Api> = LazyLock::new(Api::start);
        API.emulator.reset();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut pair = Pair { api: &API, model: BTreeMap::new(), known: Vec::new() };
            for step in steps {
                pair.run(step).await;
            }
            pair.search(["read:a", "read:b", "write:a"].map(str::to_owned).into()).await;
        });
    }
}
