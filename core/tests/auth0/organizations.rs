//! Clients that Auth0 binds to organizations.

use serde_json::{Value, json};
use stytch_m2m::TokenRequest;
use stytch_m2m::auth0::{
    Auth0Export, Auth0Tenant, Auth0TenantConfig, ImportState, Plan, PlanState, SkipReason, verify,
};
use stytch_m2m_emulator::{Emulator, Seed, TokenSettings};

use crate::tenant::{API, Move, Tenant, states};

const TEMPLATE: &str = r#"{"org_id": {{ client.trusted_metadata.organization_id }}}"#;

/// Binds the client's grant to these organizations.
fn bind(tenant: &mut Tenant, id: &str, organizations: Value) {
    tenant.grant(id)["organization_usage"] = json!("require");
    tenant.grant(id)["organizations"] = organizations;
}

fn reason(plan: &Plan, id: &str) -> (PlanState, Option<SkipReason>) {
    let planned = plan.clients.iter().find(|one| one.client_id == id).unwrap();
    (planned.state, planned.reason)
}

fn notes(plan: &Plan, id: &str) -> String {
    plan.clients.iter().find(|one| one.client_id == id).unwrap().notes.join("; ")
}

async fn organization_at_stytch(there: &Move, id: &str) -> Option<Value> {
    let client = there.client.clients().get(id).await.unwrap().m2m_client;
    client.trusted_metadata.unwrap_or_default().get("organization_id").cloned()
}

#[tokio::test]
async fn a_client_of_one_organization_moves_with_it() {
    let (mut tenant, there) = (Tenant::of(&["bound", "free"]), Move::start());
    // As the Management API returns them, and by id.
    bind(&mut tenant, "bound", json!([{ "id": "org_1", "name": "acme" }]));
    tenant.client("bound")["client_metadata"] = json!({ "organization_id": "old", "team": "a" });
    let plan = there.plan(&tenant).await;
    assert_eq!(reason(&plan, "bound"), (PlanState::Import, None));
    assert!(notes(&plan, "bound").contains("org_1"), "{}", notes(&plan, "bound"));
    assert!(plan.notes.iter().any(|note| note.contains("client.trusted_metadata.organization_id")));
    let report = there.import(&plan, &tenant).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(organization_at_stytch(&there, "bound").await, Some(json!("org_1")));
    assert_eq!(organization_at_stytch(&there, "free").await, None);

    // Only the template makes its tokens name it.
    let (export, journal) = (tenant.export(), there.journal(&plan));
    let failed = verify(&there.client, &plan, &export, Some(&journal), 2, |_| {}).await.unwrap();
    let failed: Vec<_> = failed.failed().collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].problem.as_deref().unwrap().contains("names no organization"), "{failed:?}");
    let mut settings = TokenSettings::default();
    settings.custom_claims_template = Some(TEMPLATE.into());
    there.emulator.set_token_settings(settings).unwrap();
    let verified = verify(&there.client, &plan, &export, Some(&journal), 2, |_| {}).await.unwrap();
    assert_eq!(verified.failed().count(), 0, "{verified:?}");
    let request = TokenRequest {
        client_id: "bound".into(),
        client_secret: "canary-of-bound".into(),
        extra: [("organization_id".to_owned(), "org_2".to_owned())].into(),
        ..Default::default()
    };
    let token = there.client.token(request).await.unwrap();
    let options = Default::default();
    let claims = there.client.authenticate_token(token.access_token.expose(), &options).await;
    assert_eq!(claims.unwrap().custom_claims.get::<String>("org_id").as_deref(), Some("org_1"));
}

#[tokio::test]
async fn a_client_of_several_organizations_needs_a_choice() {
    let (mut tenant, there) = (Tenant::of(&["several", "any", "none", "unknown"]), Move::start());
    bind(&mut tenant, "several", json!(["org_1", "org_2"]));
    bind(&mut tenant, "none", json!([]));
    bind(&mut tenant, "any", json!([]));
    tenant.grant("any")["allow_any_organization"] = json!(true);
    bind(&mut tenant, "unknown", json!(null));
    let mut plan = there.plan(&tenant).await;
    let skipped = |reason| (PlanState::Skip, Some(reason));
    assert_eq!(reason(&plan, "several"), skipped(SkipReason::SeveralOrganizations));
    assert_eq!(reason(&plan, "any"), skipped(SkipReason::AnyOrganization));
    assert_eq!(reason(&plan, "none"), skipped(SkipReason::NoOrganization));
    assert_eq!(reason(&plan, "unknown"), skipped(SkipReason::UnknownOrganizations));
    assert!(notes(&plan, "several").contains("org_1, org_2"), "{}", notes(&plan, "several"));
    assert!(notes(&plan, "unknown").contains("read:organization_client_grants"));

    // Who imports it without a choice, or with another organization, gets nothing.
    for organization in [None, Some("org_3"), Some("org_2")] {
        let planned = plan.clients.iter_mut().find(|one| one.client_id == "several").unwrap();
        planned.state = PlanState::Import;
        planned
            .trusted_metadata
            .extend(organization.map(|id| ("organization_id".into(), json!(id))));
        let report = there.import(&plan, &tenant).await;
        let record = report.clients.iter().find(|one| one.client_id == "several").unwrap();
        if organization == Some("org_2") {
            assert_eq!(record.state, ImportState::Imported, "{record:?}");
        } else {
            assert_eq!(record.state, ImportState::Changed, "{record:?}");
            assert_eq!(record.reason.as_deref(), Some("organization_changed"));
            assert!(there.ids().await.is_empty());
        }
    }
    assert_eq!(organization_at_stytch(&there, "several").await, Some(json!("org_2")));
    // A later plan leaves the choice alone, and finds one that is none any more.
    let later = there.plan(&tenant).await;
    assert_eq!(reason(&later, "several"), skipped(SkipReason::SeveralOrganizations));
    tenant.grant("several")["organizations"] = json!(["org_1", "org_3"]);
    let later = there.plan(&tenant).await;
    assert_eq!(reason(&later, "several").0, PlanState::Orphan);
}

#[tokio::test]
async fn grants_for_organizations_and_for_none_do_not_mix() {
    const OTHER: &str = "https://other.example.com/";
    let (mut tenant, there) = (Tenant::of(&["mixed", "may"]), Move::start());
    for (id, usage, organizations) in
        [("mixed", "deny", json!([])), ("may", "allow", json!(["org_1"]))]
    {
        bind(&mut tenant, id, json!(["org_1"]));
        let grant = json!({ "client_id": id, "audience": OTHER, "scope": ["orders"],
                            "organization_usage": usage, "organizations": organizations });
        tenant.0["client_grants"].as_array_mut().unwrap().push(grant);
    }
    let plan = there.plan(&tenant).await;
    let planned = |id: &str| plan.clients.iter().find(|one| one.client_id == id).unwrap();
    // Otherwise it would act for the organization where Auth0 does not let it.
    assert_eq!(planned("mixed").scopes, ["orders"]);
    assert!(notes(&plan, "mixed").contains(API), "{}", notes(&plan, "mixed"));
    assert!(!planned("mixed").trusted_metadata.contains_key("organization_id"));
    assert_eq!(planned("may").scopes, ["orders", "read", "write"]);
    assert_eq!(planned("may").trusted_metadata["organization_id"], "org_1");
    let report = there.import(&plan, &tenant).await;
    let imported = [("mixed", ImportState::Imported), ("may", ImportState::Imported)];
    assert_eq!(states(&report), imported);
}

#[tokio::test]
async fn a_default_organization_is_the_clients_own() {
    let (mut tenant, there) = (Tenant::of(&["default", "elsewhere", "login"]), Move::start());
    for id in ["default", "elsewhere", "login"] {
        bind(&mut tenant, id, json!(["org_1", "org_2"]));
        tenant.grant(id)["organization_usage"] = json!("allow");
        let flows = if id == "login" { json!([]) } else { json!(["client_credentials"]) };
        tenant.client(id)["default_organization"] =
            json!({ "organization_id": "org_1", "flows": flows });
    }
    tenant.client("elsewhere")["default_organization"]["organization_id"] = json!("org_3");
    let plan = there.plan(&tenant).await;
    let report = there.import(&plan, &tenant).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(organization_at_stytch(&there, "default").await, Some(json!("org_1")));
    assert_eq!(organization_at_stytch(&there, "elsewhere").await, None);
    assert_eq!(organization_at_stytch(&there, "login").await, None);
}

#[tokio::test]
async fn an_organization_that_auth0_changed_is_not_imported() {
    let (mut tenant, there) = (Tenant::of(&["a", "b", "c"]), Move::start());
    bind(&mut tenant, "a", json!(["org_1"]));
    bind(&mut tenant, "b", json!(["org_1"]));
    let plan = there.plan(&tenant).await;
    tenant.grant("a")["organizations"] = json!(["org_2"]);
    // Its own is still among them.
    tenant.grant("b")["organizations"] = json!(["org_1", "org_2"]);
    bind(&mut tenant, "c", json!(["org_1"]));
    let report = there.import(&plan, &tenant).await;
    let expected =
        [("a", ImportState::Changed), ("b", ImportState::Imported), ("c", ImportState::Changed)];
    assert_eq!(states(&report), expected);
    assert_eq!(there.ids().await, ["b"]);
}

async fn read(scopes: Option<&[&str]>) -> (Emulator, Auth0Export) {
    let grant = |id: &str, usage: &str, organizations: Value| {
        json!({ "id": format!("cgr_{id}"), "client_id": id, "audience": API,
                "organization_usage": usage, "organizations": organizations })
    };
    let many: Vec<_> = (0..150).map(|n| format!("org_{n}")).collect();
    let mut tenant = json!({
        "clients": [{ "client_id": "one" }, { "client_id": "many" }, { "client_id": "free" }],
        "client_grants": [
            grant("one", "require", json!(["org_1"])),
            grant("many", "allow", json!(many)),
            grant("free", "deny", json!([])),
        ],
        "resource_servers": [{ "identifier": API }],
    });
    if let Some(scopes) = scopes {
        tenant["management_client"] = json!({ "scopes": scopes });
    }
    let seed = Seed::parse(&json!({ "auth0": tenant }).to_string()).unwrap();
    let emulator = Emulator::builder().seed(seed).start().unwrap();
    let access = emulator.auth0();
    let config =
        Auth0TenantConfig::new(emulator.base_url(), access.client_id, access.client_secret);
    let export = Auth0Tenant::new(config).unwrap().export(|_| {}).await.unwrap();
    (emulator, export)
}

#[tokio::test]
async fn a_tenant_is_asked_for_the_organizations_of_its_grants() {
    let organizations = |export: &Auth0Export, id: &str| {
        let grant = export.client_grants.iter().find(|grant| grant.client_id == id).unwrap();
        grant.organizations.clone()
    };
    let (emulator, export) = read(None).await;
    assert_eq!(organizations(&export, "one"), Some(vec!["org_1".to_owned()]));
    assert_eq!(organizations(&export, "many").unwrap().len(), 150);
    assert_eq!(organizations(&export, "free"), None);
    assert_eq!(emulator.counts()["auth0_client_grant_organizations"], 3);

    // Without the permission they are unknown, and the rest is read.
    let scopes =
        ["read:clients", "read:client_keys", "read:client_grants", "read:resource_servers"];
    let (emulator, export) = read(Some(&scopes)).await;
    assert_eq!(organizations(&export, "one"), None);
    assert_eq!(export.resource_servers.len(), 2);
    assert_eq!(emulator.counts()["auth0_client_grant_organizations"], 1);
}
