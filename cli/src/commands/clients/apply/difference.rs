//! What a file would change.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value, json};
use stytch_m2m::{M2MClient, UpdateRequest};

use super::file::{Declared, File};
use crate::output::{cell, plain};
use crate::table::Table;

/// Everything that a file would change, in the file's order; deletions last.
pub(super) struct Difference {
    pub(super) changes: Vec<Change>,
    /// Clients that the file does not name, and that stay.
    pub(super) unlisted: Vec<String>,
    unchanged: usize,
}

/// What became of a change.
#[derive(Clone)]
pub(super) enum Outcome {
    Done,
    /// Why it failed.
    Failed(String),
    /// The whole had ended before.
    NotReached,
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed(_) => "failed",
            Self::NotReached => "not_reached",
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Failed(why) => Some(why),
            Self::Done | Self::NotReached => None,
        }
    }
}

/// One client's change.
pub(super) struct Change {
    pub(super) client_id: String,
    pub(super) kind: Kind,
    fields: Vec<Field>,
}

pub(super) enum Kind {
    Create(Declared),
    Update(UpdateRequest),
    Delete,
}

/// A field, as it is and as it should be.
struct Field {
    name: &'static str,
    from: Value,
    to: Value,
}

impl Kind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Update(_) => "update",
            Self::Delete => "delete",
        }
    }
}

impl Difference {
    pub(super) fn new(file: &File, existing: &[M2MClient], prune: bool) -> Self {
        let by_id: BTreeMap<&str, &M2MClient> =
            existing.iter().map(|one| (one.client_id.as_str(), one)).collect();
        let mut changes = Vec::new();
        for declared in &file.clients {
            match by_id.get(declared.client_id.as_str()) {
                None => changes.push(creation(declared)),
                Some(client) => changes.extend(update(declared, client)),
            }
        }
        let unchanged = file.clients.len() - changes.len();
        let named: HashSet<_> = file.clients.iter().map(|one| one.client_id.as_str()).collect();
        let others = existing.iter().filter(|one| !named.contains(one.client_id.as_str()));
        let mut unlisted: Vec<_> = others.map(|one| one.client_id.clone()).collect();
        if prune {
            let deletion = |client_id| Change { client_id, kind: Kind::Delete, fields: Vec::new() };
            changes.extend(unlisted.drain(..).map(deletion));
        }
        Self { changes, unlisted, unchanged }
    }

    pub(super) fn of_kind(&self, kind: &str) -> usize {
        self.changes.iter().filter(|change| change.kind.name() == kind).count()
    }

    /// With what became of each change, if it was carried out.
    pub(super) fn to_json(&self, outcomes: Option<&[Outcome]>) -> Value {
        let change = |(index, change): (usize, &Change)| {
            let fields: Map<String, Value> = change
                .fields
                .iter()
                .map(|field| (field.name.to_owned(), json!({ "from": field.from, "to": field.to })))
                .collect();
            let mut shown = json!({
                "change": change.kind.name(),
                "client_id": change.client_id,
                "fields": fields,
            });
            let outcome = outcomes.and_then(|outcomes| outcomes.get(index));
            if let (Some(outcome), Some(shown)) = (outcome, shown.as_object_mut()) {
                shown.insert("state".into(), outcome.name().into());
                shown.insert("reason".into(), json!(outcome.reason()));
            }
            shown
        };
        json!({
            "dry_run": outcomes.is_none(),
            "changes": self.changes.iter().enumerate().map(change).collect::<Vec<_>>(),
            "unlisted": self.unlisted,
            "counts": {
                "create": self.of_kind("create"),
                "update": self.of_kind("update"),
                "delete": self.of_kind("delete"),
                "unchanged": self.unchanged,
            },
        })
    }

    /// What became of each change, where not all were made.
    pub(super) fn outcomes_text(&self, outcomes: &[Outcome]) -> String {
        let mut table = Table::new(["CLIENT ID", "CHANGE", "STATE", "WHY"]);
        for (change, outcome) in self.changes.iter().zip(outcomes) {
            let (id, kind) = (plain(&change.client_id), change.kind.name().to_owned());
            let why = plain(outcome.reason().unwrap_or_default());
            table.add_row([id, kind, outcome.name().to_owned(), why]);
        }
        let count = |name| outcomes.iter().filter(|one| one.name() == name).count();
        let (done, failed, left) = (count("done"), count("failed"), count("not_reached"));
        format!("{}\n\ndone {done}, failed {failed}, not reached {left}", table.text())
    }

    pub(super) fn text(&self) -> String {
        let mut parts = Vec::new();
        if !self.changes.is_empty() {
            let mut table = Table::new(["CLIENT ID", "CHANGE", "FIELD", "FROM", "TO"]);
            for change in &self.changes {
                let (id, kind) = (plain(&change.client_id), change.kind.name().to_owned());
                if change.fields.is_empty() {
                    table.add_row([id, kind, String::new(), String::new(), String::new()]);
                    continue;
                }
                for field in &change.fields {
                    let values = [&field.from, &field.to].map(shown);
                    let [from, to] = values;
                    table.add_row([id.clone(), kind.clone(), field.name.to_owned(), from, to]);
                }
            }
            parts.push(table.text());
        }
        let count = |kind| self.of_kind(kind);
        let mut summary = format!(
            "create {}, update {}, delete {}, unchanged {}",
            count("create"),
            count("update"),
            count("delete"),
            self.unchanged
        );
        if !self.unlisted.is_empty() {
            let others = self.unlisted.len();
            summary.push_str(&format!("; not in the file, and left unchanged: {others}"));
        }
        parts.push(summary);
        parts.join("\n\n")
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => cell(text),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            plain(&items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
        }
        other => plain(&other.to_string()),
    }
}

fn creation(declared: &Declared) -> Change {
    let given = [
        ("client_name", declared.client_name.as_ref().map(|value| json!(value))),
        ("client_description", declared.client_description.as_ref().map(|value| json!(value))),
        ("status", declared.status.map(|value| json!(value))),
        ("scopes", declared.scopes.as_ref().map(|value| json!(value))),
        ("trusted_metadata", declared.metadata().map(|value| json!(value))),
    ];
    let fields = given.into_iter().filter_map(|(name, value)| {
        let to = value?;
        Some(Field { name, from: Value::Null, to })
    });
    Change {
        client_id: declared.client_id.clone(),
        fields: fields.collect(),
        kind: Kind::Create(declared.clone()),
    }
}

fn update(declared: &Declared, client: &M2MClient) -> Option<Change> {
    let mut fields = Vec::new();
    let mut request = UpdateRequest::default();
    let mut differ = |name, from: Value, to: Value| fields.push(Field { name, from, to });
    if let Some(name) = declared.client_name.as_ref().filter(|name| **name != client.client_name) {
        differ("client_name", json!(client.client_name), json!(name));
        request.client_name = Some(name.clone());
    }
    let description = declared.client_description.as_ref();
    if let Some(text) = description.filter(|text| **text != client.client_description) {
        differ("client_description", json!(client.client_description), json!(text));
        request.client_description = Some(text.clone());
    }
    if let Some(status) = declared.status.filter(|status| client.status != (*status).into()) {
        differ("status", json!(client.status.as_str()), json!(status));
        request.status = Some(status.into());
    }
    let set = |scopes: &[String]| scopes.iter().cloned().collect::<BTreeSet<_>>();
    if let Some(scopes) = declared.scopes.as_ref().filter(|all| set(all) != set(&client.scopes)) {
        differ("scopes", json!(client.scopes), json!(scopes));
        request.scopes = Some(scopes.clone());
    }
    if let Some(metadata) = declared.metadata() {
        let now = client.trusted_metadata.clone().unwrap_or_default();
        if metadata != now {
            differ("trusted_metadata", json!(now), json!(metadata));
            request.trusted_metadata = Some(merged(&now, metadata));
        }
    }
    let client_id = declared.client_id.clone();
    (!fields.is_empty()).then_some(Change { client_id, kind: Kind::Update(request), fields })
}

/// What turns `now` into `wanted`: the API merges, and null removes a key.
fn merged(now: &Map<String, Value>, wanted: Map<String, Value>) -> Map<String, Value> {
    let gone = now.keys().filter(|key| !wanted.contains_key(*key));
    let mut request: Map<_, _> = gone.map(|key| (key.clone(), Value::Null)).collect();
    request.extend(wanted.into_iter().filter(|(key, value)| now.get(key) != Some(value)));
    request
}
