//! `tests/surface.json` is this crate's public API, neither less nor more.
//!
//! What is named here and missing in the crate does not compile, nor does a field or a variant of
//! the crate that is missing here. What is named here must stand in the file, and the other way
//! around. Methods and types that nobody named are found in the sources.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod named;
mod sources;
mod threads;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::named::{errors, operations, records, settings, values};
use crate::sources::{methods, sources};

/// What Rust needs and the other languages have in their own way, or not at all.
const RUST_ONLY_METHODS: [(&str, &[&str]); 8] = [
    ("Client", &["new", "from_env", "clients", "secrets", "verifier", "cached_token"]),
    ("Clients", &[]),
    ("Secrets", &[]),
    ("TokenSource", &["new", "cached_token"]),
    ("TokenVerifier", &["new", "authenticate_token_now"]),
    ("OrganizationClient", &["new", "cached_token"]),
    ("IssuerConfig", &["entra_tenants", "stytch_at"]),
    ("Token", &["authorization_header"]),
];

/// Exported types whose content stands elsewhere in the file, or is an idiom of each language.
const RUST_ONLY_TYPES: [&str; 36] = [
    // Not in the other languages yet.
    "ProtectedResource",
    // A function that decides about issuers.
    "IssuerResolver",
    "ResolveIssuer",
    "ResolverError",
    "ResolverFuture",
    // How a source authenticates.
    "ClientAuth",
    "SecretError",
    "SecretFuture",
    "SecretProvider",
    "SecretSource",
    // Arguments and settings.
    "AuthenticateOptions",
    "ClientConfig",
    "CreateRequest",
    "OrganizationConfig",
    "RequiredOrganization",
    "SearchRequest",
    "TokenRequest",
    "TokenSourceConfig",
    "TokenVerifierConfig",
    "TransportConfig",
    "UpdateRequest",
    // Errors.
    "Error",
    "ErrorDetails",
    "ErrorKind",
    "InvalidTokenReason",
    "Result",
    // Idioms.
    "Authorize",
    "CustomClaims",
    "KeySource",
    "Origins",
    "Proxy",
    "SearchAll",
    "Secret",
    "StoreError",
    "StoreFuture",
    "TokenStore",
];

#[test]
fn the_file_is_the_api() {
    let file = std::fs::read(root().join("../tests/surface.json")).unwrap();
    let mut file: Map<String, Value> = serde_json::from_slice(&file).unwrap();
    file.remove("about").unwrap();
    let api = json!({
        "operations": operations(),
        "functions": named::functions(),
        "methods": named::methods(),
        "settings": settings(),
        "records": records(),
        "values": values(),
        "errors": errors(),
    });
    let mut differences = Vec::new();
    compare("", &api, &Value::Object(file), &mut differences);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn no_method_is_forgotten() {
    let sources = sources(&root().join("src"));
    let operations = operations();
    for (name, rust_only) in RUST_ONLY_METHODS {
        let shared = operations[name].as_object().into_iter().flat_map(Map::keys);
        let named: BTreeSet<_> =
            shared.map(String::as_str).chain(rust_only.iter().copied()).collect();
        let found: Vec<_> = sources.iter().flat_map(|text| methods(text, name)).collect();
        let found: BTreeSet<_> = found.iter().map(String::as_str).collect();
        assert_eq!(found, named, "the methods of {name}");
    }
    let scanned = RUST_ONLY_METHODS.map(|(name, _)| name);
    assert!(operations.as_object().unwrap().keys().all(|name| scanned.contains(&name.as_str())));
}

#[test]
fn no_type_is_forgotten() {
    let exported = exported_by("src/lib.rs");
    let parts = [operations(), records(), values()];
    let keys = parts.iter().flat_map(|part| part.as_object().unwrap().keys().cloned());
    let named: BTreeSet<_> = keys.chain(RUST_ONLY_TYPES.map(str::to_owned)).collect();
    let differ: Vec<_> = exported.symmetric_difference(&named).collect();
    assert!(differ.is_empty(), "only here, or only exported: {differ:?}");
}

/// The types that a module of the crate exports.
fn exported_by(module: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(module)).unwrap();
    let uses = text.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let words = uses.flat_map(|names| names.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| word.starts_with(char::is_uppercase)).map(str::to_owned).collect()
}

/// Where two parts differ. Lists are sets here.
fn compare(path: &str, api: &Value, file: &Value, differences: &mut Vec<String>) {
    let members = |value: &Value| -> BTreeMap<String, Value> {
        match value {
            Value::Object(members) => members.clone().into_iter().collect(),
            Value::Array(names) => {
                names.iter().map(|name| (name.as_str().unwrap().to_owned(), Value::Null)).collect()
            }
            _ => BTreeMap::new(),
        }
    };
    let (api, file) = (members(api), members(file));
    for (name, part) in &api {
        match file.get(name) {
            Some(other) => compare(&format!("{path}{name}."), part, other, differences),
            None => differences.push(format!("{path}{name} is not in the file")),
        }
    }
    let more = file.keys().filter(|name| !api.contains_key(*name));
    differences.extend(more.map(|name| format!("{path}{name} is not in the API")));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
