//! Every case of `tests/vectors`, through the public API.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "the count of cases is the result")]

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use stytch_m2m::internals::{self, Clock};
use stytch_m2m::{
    Algorithm, AuthenticateOptions, Error, ErrorKind, InvalidTokenReason, IssuerConfig, KeySource,
    Origins, RequiredOrganization, TokenClaims, TokenProfile, TokenVerifier, TokenVerifierConfig,
    TransportConfig, Vertical, refuses_token, token_from_authorization_headers,
};

#[test]
fn every_token_gets_what_it_must() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = here.ancestors().map(|folder| folder.join("tests/vectors"));
    let folder = folders.into_iter().find(|folder| folder.is_dir()).unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut ran, mut failures) = (0, Vec::new());
    for path in files {
        let file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let mut others = BTreeMap::new();
        for case in file["cases"].as_array().unwrap() {
            ran += 1;
            let outcome = match case.get("call") {
                Some(call) => bearer(call.as_str().unwrap(), &case["given"], &case["expect"]),
                None => agrees(&run(&file, case, &mut others), &case["expect"]),
            };
            if let Err(difference) = outcome {
                let name = format!("{} {}", case["id"].as_str().unwrap(), case["name"]);
                failures.push(format!("{} {name}: {difference}", path.display()));
            }
        }
    }
    println!("vectors: {ran} cases");
    assert!(ran >= 600, "only {ran} cases were found");
    assert!(failures.is_empty(), "{} of {ran} fail:\n{}", failures.len(), failures.join("\n"));
}

/// What the case gets, from a verifier that saw nothing, and all the same from one that saw this
/// token, and from the one that saw the `others` of its file with these issuers.
fn run(
    file: &Value,
    case: &Value,
    others: &mut BTreeMap<String, TokenVerifier>,
) -> Result<Arc<TokenClaims>, Error> {
    let issuers = case.get("issuers").unwrap_or(&file["issuers"]);
    let now = file["now"].as_i64().unwrap();
    let fresh = verifier(issuers, now)?;
    let used = match others.entry(issuers.to_string()) {
        Entry::Occupied(used) => used.into_mut(),
        Entry::Vacant(unused) => unused.insert(verifier(issuers, now)?),
    };
    let options = case.get("options").cloned().unwrap_or_default();
    let options = AuthenticateOptions {
        required_scopes: options.get("required_scopes").map(strings).unwrap_or_default(),
        organization: options.get("organization").map(organization),
        max_token_age: options.get("max_token_age_seconds").map(duration),
        clock_tolerance: options.get("clock_tolerance_seconds").map(duration).unwrap_or_default(),
        ..Default::default()
    };
    let times = case.get("repeat").map_or(1, |v| v.as_u64().unwrap());
    let token = case["token"].as_str().unwrap().repeat(times as usize);
    let verdict = |by: &TokenVerifier| by.authenticate_token_now(&token, &options).unwrap();
    let first = verdict(&fresh);
    for again in [verdict(&fresh), verdict(used)] {
        let (first, again) =
            (first.clone().map_err(|e| e.into_details()), again.map_err(|e| e.into_details()));
        assert_eq!(again, first, "a later verdict differs on {}", case["id"]);
    }
    first
}

/// An id, or `{"any": true}`.
fn organization(option: &Value) -> RequiredOrganization {
    match option.as_str() {
        Some(id) => RequiredOrganization::Exactly(id.to_owned()),
        None => RequiredOrganization::Any,
    }
}

/// The cases of `bearer.json`.
fn bearer(call: &str, given: &Value, expect: &Value) -> Result<(), String> {
    let list = |name: &str| strings(&given[name]);
    let seen = match call {
        "token_from_authorization_headers" => {
            let values = list("values");
            match token_from_authorization_headers(values.iter().map(String::as_str)) {
                Ok(token) => json!({ "token": token }),
                Err(error) => refusal(&error),
            }
        }
        "refuses_token" => {
            let challenges = list("www_authenticate");
            let status = u16::try_from(given["status"].as_u64().unwrap()).unwrap();
            let refuses = refuses_token(status, challenges.iter().map(String::as_str));
            json!({ "refuses": refuses })
        }
        "origins" => match Origins::new(list("origins")) {
            Ok(origins) => json!({ "allows": origins.allows(given["url"].as_str().unwrap()) }),
            Err(error) => refusal(&error),
        },
        "missing_scopes" => {
            let wildcards = given["wildcard_scopes"].as_bool().unwrap();
            let missing = stytch_m2m::internals::missing_scopes(
                &list("scopes"),
                wildcards,
                &list("required"),
            );
            json!({ "missing": missing })
        }
        "insufficient_scope" => refusal(&internals::insufficient_scope(list("missing"))),
        "error" => {
            let kind =
                ErrorKind::ALL.into_iter().find(|kind| kind.code() == given["code"]).unwrap();
            let mut details =
                internals::insufficient_scope(vec!["read:users".into()]).into_details();
            details.kind = kind;
            details.reason = Some(InvalidTokenReason::Expired);
            details.retry_after = Some(Duration::from_millis(1500));
            refusal(&internals::error(details))
        }
        other => panic!("there is no {other}"),
    };
    differs(&seen, expect)
}

fn verifier(issuers: &Value, now: i64) -> Result<TokenVerifier, Error> {
    TokenVerifier::new(TokenVerifierConfig {
        issuers: issuers.as_array().unwrap().iter().map(issuer).collect::<Result<_, _>>()?,
        issuer_resolver: None,
        verified_token_cache_size: 4,
        transport: TransportConfig { clock: Clock::manual(now), ..Default::default() },
    })
}

fn issuer(value: &Value) -> Result<IssuerConfig, Error> {
    if let Some(preset) = value.get("preset") {
        let keys = KeySource::Jwks(value["jwks"].as_str().unwrap().to_owned());
        return Ok(IssuerConfig {
            keys,
            ..provider(preset.as_str().unwrap(), &value["arguments"])?
        });
    }
    let flag = |name: &str| value.get(name).is_some_and(|v| v.as_bool().unwrap());
    let list = |name: &str| value.get(name).map(strings);
    let count = |name: &str| value.get(name).map(|v| u32::try_from(v.as_u64().unwrap()).unwrap());
    let algorithm = |name: &String| name.parse::<Algorithm>().unwrap();
    let keys = KeySource::Jwks(value["jwks"].as_str().unwrap().to_owned());
    let default = IssuerConfig::oauth("", &[], keys.clone());
    Ok(IssuerConfig {
        issuers: strings(&value["issuers"]),
        audiences: strings(&value["audiences"]),
        algorithms: strings(&value["algorithms"]).iter().map(algorithm).collect(),
        keys,
        profile: match value["profile"].as_str().unwrap() {
            "stytch" => TokenProfile::Stytch,
            "auth0" => TokenProfile::Auth0,
            _ => TokenProfile::OAuth,
        },
        allow_missing_typ: flag("allow_missing_typ"),
        allow_missing_kid: flag("allow_missing_kid"),
        accept_scope_array: flag("accept_scope_array"),
        wildcard_scopes: flag("wildcard_scopes"),
        allow_bound_tokens: flag("allow_bound_tokens"),
        require_typ: value.get("require_typ").map(|v| v.as_str().unwrap().to_owned()),
        scope_map: value
            .get("scope_map")
            .map(|v| serde_json::from_value(v.clone()).unwrap())
            .unwrap_or_default(),
        required_claims: value
            .get("required_claims")
            .map(|v| serde_json::from_value(v.clone()).unwrap())
            .unwrap_or_default(),
        require_client_subject: flag("require_client_subject"),
        client_ids: list("client_ids").unwrap_or_default(),
        client_id_claims: list("client_id_claims").unwrap_or_default(),
        scope_claims: list("scope_claims").unwrap_or(default.scope_claims),
        organization_claim: match value.get("organization_claim") {
            Some(claim) => claim.as_str().map(str::to_owned),
            None => default.organization_claim,
        },
        forbidden_claims: list("forbidden_claims").unwrap_or_default(),
        allow_missing_sub: flag("allow_missing_sub"),
        require_any_scope: flag("require_any_scope"),
        max_token_lifetime: value.get("max_token_lifetime_seconds").map(duration),
        clock_tolerance: value.get("clock_tolerance_seconds").map(duration).unwrap_or_default(),
        max_jwks_keys: count("max_jwks_keys").unwrap_or(default.max_jwks_keys),
        max_jwks_bytes: count("max_jwks_bytes").unwrap_or(default.max_jwks_bytes),
        jwks_token_file: value.get("jwks_token_file").map(|v| v.as_str().unwrap().to_owned()),
    })
}

/// The settings of a provider, by the constructor that its name is of.
fn provider(preset: &str, arguments: &Value) -> Result<IssuerConfig, Error> {
    let of = |name: &str| arguments[name].as_str().unwrap();
    let clients = || strings(&arguments["client_ids"]);
    match preset {
        "stytch" => IssuerConfig::stytch(of("project_id"), None, Vertical::Consumer),
        "auth0" => IssuerConfig::auth0(of("domain"), of("audience")),
        "cognito" => IssuerConfig::cognito(of("user_pool_id"), &clients()),
        "entra" => IssuerConfig::entra(of("tenant"), of("audience")),
        "okta" => IssuerConfig::okta(of("issuer"), of("audience")),
        "keycloak" => IssuerConfig::keycloak(of("issuer"), of("audience")),
        "google" => IssuerConfig::google(of("audience"), &clients()),
        "hydra" => IssuerConfig::hydra(of("issuer"), of("audience")),
        "zitadel" => IssuerConfig::zitadel(of("issuer"), of("audience"), &clients()),
        "duende" => IssuerConfig::duende(of("issuer"), of("audience")),
        "kubernetes" => IssuerConfig::kubernetes(of("issuer"), of("audience")),
        other => panic!("there is no preset {other}"),
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn agrees(got: &Result<Arc<TokenClaims>, Error>, expect: &Value) -> Result<(), String> {
    let (seen, wanted) = match (got, expect.get("ok")) {
        (Ok(claims), Some(ok)) => (shown(claims), ok),
        (Err(error), None) => (refusal(error), expect),
        (Ok(_), None) => return Err(format!("accepted, where {expect} was due")),
        (Err(error), Some(_)) => return Err(format!("refused: {error:?}")),
    };
    differs(&seen, wanted)
}

fn differs(seen: &Value, wanted: &Value) -> Result<(), String> {
    for (name, value) in wanted.as_object().unwrap() {
        if &seen[name] != value {
            return Err(format!("{name} is {}, not {value}", seen[name]));
        }
    }
    Ok(())
}

fn shown(claims: &TokenClaims) -> Value {
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    json!({
        "client_id": claims.client_id,
        "subject": claims.subject(),
        "organization": claims.organization(),
        "scopes": claims.scopes,
        "wildcard_scopes": claims.wildcard_scopes,
        "custom_claims": claims.custom_claims.to_map(),
        "custom_claims_json": claims.custom_claims.to_json(),
        "issuer": claims.issuer,
        "audience": claims.audience,
        "issued_at": claims.issued_at.map(seconds),
        "not_before": claims.not_before.map(seconds),
        "expires_at": seconds(claims.expires_at),
        "token_id": claims.token_id,
    })
}

fn duration(seconds: &Value) -> Duration {
    Duration::from_secs(seconds.as_u64().unwrap())
}

/// The argument, which in the files has its unit.
fn spelled(field: &str) -> &str {
    if field == "clock_tolerance" { "clock_tolerance_seconds" } else { field }
}

fn refusal(error: &Error) -> Value {
    let details = error.details();
    json!({
        "code": error.code(),
        "reason": details.reason.map(|reason| reason.code()),
        "claim": details.claim,
        "missing_scopes": details.missing_scopes,
        "field": details.field.as_deref().map(spelled),
        "refusal": error.refusal().map(|refusal| json!({
            "status": refusal.status,
            "headers": refusal.headers.into_iter().collect::<BTreeMap<_, _>>(),
            "body": refusal.body,
        })),
    })
}
