//! What an import says is so: what is at Stytch and at Auth0 decides, not the journal or the plan.

use serde_json::json;
use stytch_m2m::auth0::{ImportState, PlanState, SkipReason, status, verify};
use stytch_m2m::{ClientStatus, UpdateRequest};

use crate::tenant::{API, Move, Tenant, states};

#[tokio::test]
async fn what_is_gone_at_stytch_is_made_again() {
    let (tenant, there) = (Tenant::of(&["a", "b"]), Move::start());
    let plan = there.plan(&tenant).await;
    let _ = there.import(&plan, &tenant).await;
    there.client.clients().delete("a").await.unwrap();
    let again = there.import(&plan, &tenant).await;
    assert_eq!(states(&again), [("a", ImportState::Imported), ("b", ImportState::Imported)]);
    assert_eq!(there.ids().await, ["a", "b"]);
}

#[tokio::test]
async fn access_that_auth0_took_away_is_not_created() {
    let ids = ["whole", "grant", "scope", "type", "key", "bound", "gone", "more"];
    let (mut tenant, there) = (Tenant::of(&ids), Move::start());
    let plan = there.plan(&tenant).await;
    assert_eq!(plan.counts(), [(PlanState::Import, ids.len())].into());

    tenant.remove("client_grants", "grant");
    tenant.grant("scope")["scope"] = json!(["read"]);
    tenant.client("type")["grant_types"] = json!(["authorization_code"]);
    tenant.client("key")["client_authentication_methods"] = json!({ "private_key_jwt": {} });
    tenant.grant("bound")["organization_usage"] = json!("require");
    tenant.grant("bound")["organizations"] = json!(["org_1"]);
    tenant.remove("clients", "gone");
    tenant.grant("more")["scope"] = json!(["read", "write", "delete"]);
    let report = there.import(&plan, &tenant).await;
    let told = |one: &stytch_m2m::auth0::ImportRecord| {
        (one.client_id.clone(), one.state, one.reason.clone().unwrap_or_default(), one.at_stytch)
    };
    let changed =
        |id: &str, why: &str| (id.to_owned(), ImportState::Changed, why.to_owned(), false);
    let expected = [
        ("whole".to_owned(), ImportState::Imported, String::new(), true),
        changed("grant", "no_grant"),
        changed("scope", "access_removed"),
        changed("type", "not_m2m"),
        changed("key", "private_key"),
        changed("bound", "organization_changed"),
        changed("gone", "gone"),
        ("more".to_owned(), ImportState::Imported, String::new(), true),
    ];
    assert_eq!(report.clients.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(!report.is_complete());
    assert_eq!(there.ids().await, ["more", "whole"]);
    let notes =
        |id: &str| report.clients.iter().find(|one| one.client_id == id).unwrap().notes.join(" ");
    assert!(notes("scope").contains(&format!("write of {API}")), "{}", notes("scope"));
    assert!(notes("more").contains("delete"), "{}", notes("more"));
    // And the status knows.
    let so_far = status(&plan, Some(&there.journal(&plan)));
    assert_eq!(so_far.counts()[&ImportState::Changed], 6);
}

#[tokio::test]
async fn a_later_plan_shows_what_lives_on_at_stytch() {
    let ids = ["kept", "no-grant", "gone", "inactive"];
    let (mut tenant, there) = (Tenant::of(&ids), Move::start());
    let plan = there.plan(&tenant).await;
    let _ = there.import(&plan, &tenant).await;
    // One that no import made is nobody's orphan.
    there.client.clients().create(Default::default()).await.unwrap();
    let inactive = UpdateRequest { status: Some(ClientStatus::Inactive), ..Default::default() };
    there.client.clients().update("inactive", inactive).await.unwrap();
    tenant.remove("client_grants", "no-grant");
    for list in ["clients", "client_grants"] {
        tenant.remove(list, "gone");
        tenant.remove(list, "inactive");
    }

    // The plan of before, and a new one.
    let report = there.import(&plan, &tenant).await;
    let alive = report.clients.iter().find(|one| one.client_id == "no-grant").unwrap();
    assert_eq!((alive.state, alive.at_stytch), (ImportState::Changed, true));
    assert!(alive.notes[0].contains("can still fetch tokens"), "{alive:?}");
    let later = there.plan(&tenant).await;
    let found = later.clients.iter().map(|one| (one.client_id.as_str(), one.state, one.reason));
    let expected = [
        ("kept", PlanState::Present, None),
        ("no-grant", PlanState::Orphan, Some(SkipReason::NoGrant)),
        ("gone", PlanState::Orphan, Some(SkipReason::Gone)),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    let report = there.import(&later, &tenant).await;
    assert_eq!(report.counts()[&ImportState::Orphan], 2);
    assert!(!report.is_complete());
}

#[tokio::test]
async fn the_plan_finds_what_import_and_verify_would_refuse() {
    let ids =
        ["good", "with space", "user-test-1", "weak", "spaced", "long", "name", "users", "managed"];
    let (mut tenant, there) = (Tenant::of(&ids), Move::start());
    tenant.client("weak")["client_secret"] = json!("aaaaaaaaaaaa");
    tenant.client("spaced")["client_secret"] = json!(" canary of spaced ");
    tenant.client("long")["client_secret"] = json!("canary-".repeat(50));
    tenant.client("name")["name"] = json!("n".repeat(300));
    tenant.grant("users")["subject_type"] = json!("user");
    tenant.grant("managed")["audience"] = json!("https://acme.eu.auth0.com/api/v2/");
    let mut plan = there.plan(&tenant).await;
    let reasons = plan.clients.iter().map(|one| one.reason.map(SkipReason::code).unwrap_or("-"));
    let expected = [
        "-",
        "invalid_id",
        "unverifiable_id",
        "invalid_secret",
        "invalid_secret",
        "invalid_secret",
        "invalid_name",
        "user_only",
        "management_client",
    ];
    assert_eq!(reasons.collect::<Vec<_>>(), expected);
    assert_eq!(plan.reasons()[&SkipReason::InvalidSecret], 3);
    assert!(!format!("{plan:?}").contains("canary"));
    assert!(there.import(&plan, &tenant).await.is_complete());

    // Who insists is refused, by the field.
    for planned in &mut plan.clients {
        if matches!(planned.reason.map(SkipReason::code), Some("invalid_id" | "invalid_name")) {
            planned.state = PlanState::Import;
        }
    }
    let report = there.import(&plan, &tenant).await;
    let refused = report.clients.iter().filter(|one| one.state == ImportState::Refused);
    let fields: Vec<_> = refused.map(|one| one.field.as_deref().unwrap_or("-")).collect();
    assert_eq!(fields, ["client_id", "client_name"]);
    assert!(!report.is_complete());
}

#[tokio::test]
async fn a_failed_verification_shows_in_the_status_until_it_is_right() {
    let (tenant, there) = (Tenant::of(&["a", "b"]), Move::start());
    let plan = there.plan(&tenant).await;
    let _ = there.import(&plan, &tenant).await;
    let journal = there.journal(&plan);
    let scopes = |scopes: &[&str]| UpdateRequest {
        scopes: Some(scopes.iter().map(|one| (*one).to_owned()).collect()),
        ..Default::default()
    };
    there.client.clients().update("b", scopes(&["read"])).await.unwrap();
    let export = tenant.export();
    let _ = verify(&there.client, &plan, &export, Some(&journal), 2, |_| {}).await.unwrap();
    let so_far = status(&plan, Some(&journal));
    assert_eq!(so_far.verified(), 1);
    let wrong = so_far.failed_verification().next().unwrap();
    assert_eq!((wrong.client_id.as_str(), wrong.state), ("b", ImportState::Imported));
    assert_eq!(wrong.problem.as_deref(), Some("scope differs from the plan"));

    there.client.clients().update("b", scopes(&["read", "write"])).await.unwrap();
    let _ = verify(&there.client, &plan, &export, Some(&journal), 2, |_| {}).await.unwrap();
    assert_eq!(status(&plan, Some(&journal)).verified(), 2);
}
