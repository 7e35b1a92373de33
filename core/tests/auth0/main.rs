//! Moving from Auth0 as a library's user sees it; the command's tests cover the rest.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod organizations;
mod renaming;
mod tenant;
mod undoing;
mod verdicts;

use std::collections::BTreeMap;

use serde_json::json;
use stytch_m2m::auth0::{
    Auth0Export, Auth0Tenant, Auth0TenantConfig, ImportOptions, ImportState, Journal, JournalState,
    Plan, PlanState, ScopeHazardKind, ScopeMapping, import, verify,
};
use stytch_m2m::{Client, ClientConfig, Error, ErrorKind};
use stytch_m2m_emulator::{Effect, Emulator, Fault, Operation, Seed};

const API: &str = "https://api.example.com/";

fn export(grants: &[(&str, &str, &str)]) -> Auth0Export {
    let client = |id: &&str| {
        json!({ "client_id": id, "client_secret": format!("canary-of-{id}"), "name": id,
                "grant_types": ["client_credentials"] })
    };
    let mut ids: Vec<_> = grants.iter().map(|(id, ..)| *id).collect();
    ids.dedup();
    let grant = |(id, audience, scope): &(&str, &str, &str)| json!({ "client_id": id, "audience": audience, "scope": [scope] });
    let document = json!({
        "tenant": "acme.eu.auth0.com",
        "clients": ids.iter().map(client).collect::<Vec<_>>(),
        "client_grants": grants.iter().map(grant).collect::<Vec<_>>(),
        "resource_servers": [],
    });
    Auth0Export::from_json(&document.to_string()).unwrap()
}

fn stytch(emulator: &Emulator) -> Client {
    let config = ClientConfig {
        base_url: Some(emulator.base_url().into()),
        ..ClientConfig::new(emulator.project_id(), emulator.secret())
    };
    Client::new(config).unwrap()
}

#[test]
fn hazards_are_data_and_errors() {
    let export = export(&[("a", API, "read"), ("b", "https://b/", "read"), ("b", API, "x:*")]);
    let hazards = Plan::draft(&export, "project-test-1", &ScopeMapping::default()).unwrap_err();
    let kinds: Vec<_> = hazards.0.iter().map(|one| (one.kind, one.scope.as_str())).collect();
    assert_eq!(kinds, [(ScopeHazardKind::SameName, "read"), (ScopeHazardKind::Wildcard, "x:*")]);
    assert_eq!(hazards.0[0].clients, ["a", "b"]);
    assert!(hazards.to_string().contains("x:* of https://api.example.com/"), "{hazards}");
    assert!(hazards.to_string().contains("(b)"), "{hazards}");
    let mapping = ScopeMapping::default().proposal(&hazards);
    Plan::draft(&export, "project-test-1", &mapping).unwrap();
    assert_eq!(Error::from(hazards).kind(), ErrorKind::Conflict);
}

#[test]
fn what_is_wrong_with_an_export_is_told_without_its_content() {
    let error = Auth0Export::from_json("{\n \"tenant\": \"canary\", \"clients\": 3}").unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("export"));
    assert!(error.to_string().contains("line 2") && !error.to_string().contains("canary"));
    let shown = format!("{:?}", export(&[("a", API, "read")]));
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn settings_are_checked_before_anything_is_sent() {
    for domain in ["", "http://acme.eu.auth0.com", "acme.eu.auth0.com/path"] {
        let config = Auth0TenantConfig::new(domain, "id", "secret");
        assert_eq!(Auth0Tenant::new(config).unwrap_err().kind(), ErrorKind::InvalidConfig);
    }
    let tenant = Auth0Tenant::new(Auth0TenantConfig::new("acme.eu.auth0.com", "id", "canary"));
    assert!(!format!("{:?}", tenant.unwrap()).contains("canary"));
}

#[tokio::test]
async fn without_a_journal_lost_answers_still_count_as_imports() {
    let emulator = Emulator::start().unwrap();
    let client = stytch(&emulator);
    let export = export(&[("a", API, "read"), ("b", API, "read"), ("c", API, "read")]);
    let mut plan = Plan::draft(&export, client.project_id(), &ScopeMapping::default()).unwrap();
    plan.compare(&client, &export).await.unwrap();
    assert_eq!(plan.counts(), BTreeMap::from([(PlanState::Import, 3)]));
    let lost = Fault::new(Effect::DropAnswer).at(Operation::Create).times(2);
    emulator.add_fault(lost).unwrap();
    let mut seen = 0;
    let options = ImportOptions { concurrency: 1, ..Default::default() };
    let report = import(&client, &plan, &export, None, &options, |_| seen += 1).await.unwrap();
    assert_eq!(report.counts(), BTreeMap::from([(ImportState::Imported, 3)]));
    assert_eq!(seen, 3);
    assert!(report.is_complete());
    // Asking in vain what is there makes nothing ours.
    let away = Fault::new(Effect::status(503)).at(Operation::Get).times(4);
    emulator.add_fault(away).unwrap();
    let again = import(&client, &plan, &export, None, &options, |_| {}).await.unwrap();
    assert_eq!(again.counts(), BTreeMap::from([(ImportState::Present, 3)]));
    let report = verify(&client, &plan, &export, None, 2, |_| {}).await.unwrap();
    assert_eq!((report.clients.len(), report.failed().count()), (3, 0));
}

#[tokio::test]
async fn a_limit_that_every_client_would_meet_ends_the_import() {
    let emulator = Emulator::start().unwrap();
    let client = stytch(&emulator);
    let export = export(&[("a", API, "read")]);
    let plan = Plan::draft(&export, client.project_id(), &ScopeMapping::default()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(&dir.path().join("journal"), &plan).unwrap();
    // A refusal of every client, which no other client would fare better with.
    let body = json!({ "status_code": 400, "error_message": "no more clients",
                       "error_type": "too_many_m2m_clients_for_billing_tier" });
    let headers = BTreeMap::new();
    let full = Effect::Status { status: 400, headers, body: Some(body.to_string()) };
    emulator.add_fault(Fault::new(full).at(Operation::Create)).unwrap();
    let options = ImportOptions::default();
    let stopped = import(&client, &plan, &export, Some(&journal), &options, |_| {}).await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_eq!(journal.state(&plan.clients[0]), Some(JournalState::Begun));
    let report = import(&client, &plan, &export, Some(&journal), &options, |_| {}).await.unwrap();
    assert_eq!(report.counts(), BTreeMap::from([(ImportState::Imported, 1)]));
    assert_eq!(journal.state(&plan.clients[0]), Some(JournalState::Imported));
}

#[tokio::test]
async fn a_tenant_is_read_page_by_page() {
    let clients: Vec<_> = (0..250).map(|n| json!({ "client_id": format!("c-{n}") })).collect();
    let seed = json!({ "auth0": { "clients": clients } });
    let seed = Seed::parse(&seed.to_string()).unwrap();
    let emulator = Emulator::builder().seed(seed).start().unwrap();
    let malformed = Fault::new(Effect::MalformedBody).at(Operation::Auth0Clients).times(2);
    emulator.add_fault(malformed).unwrap();
    let access = emulator.auth0();
    let config =
        Auth0TenantConfig::new(emulator.base_url(), access.client_id, access.client_secret);
    let tenant = Auth0Tenant::new(config).unwrap();
    let mut pages = Vec::new();
    let export = tenant.export(|so_far| pages.push(so_far.clients)).await.unwrap();
    assert_eq!(pages[..3], [100, 200, 252]);
    // Those that every tenant has are among them.
    assert_eq!(export.clients.len(), 252);
    assert_eq!(export.client_grants.len(), 1);
    assert_eq!(emulator.counts()["auth0_clients"], 5);
}
