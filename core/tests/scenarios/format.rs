//! The files, as `tests/scenarios/README.md` describes them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use stytch_m2m::Secret;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(rename = "about")]
    _about: String,
    pub(crate) seed: Value,
    pub(crate) scenarios: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) settings: Settings,
    pub(crate) source: Option<Source>,
    pub(crate) organization: Option<Organization>,
    pub(crate) steps: Vec<Step>,
    pub(crate) hits: BTreeMap<String, u64>,
}

/// Those of the client, the source and the organization's client that are not the emulator's or the default.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) secret: Option<Secret>,
    pub(crate) base_url: Option<String>,
    pub(crate) attempt_timeout_seconds: Option<f64>,
    pub(crate) total_timeout_seconds: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    #[serde(default)]
    pub(crate) extra: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Organization {
    pub(crate) authorization: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) call: String,
    #[serde(default = "nothing")]
    pub(crate) with: Value,
    pub(crate) repeat: Option<usize>,
    pub(crate) concurrently: Option<usize>,
    pub(crate) result: Option<Value>,
    pub(crate) error: Option<Value>,
    #[serde(default)]
    pub(crate) save: BTreeMap<String, String>,
}

fn nothing() -> Value {
    json!({})
}
