//! Conflicts that are resolved, and an import that is taken back.

use serde_json::json;
use stytch_m2m::auth0::{
    ImportOptions, ImportState, OnConflict, UndoOptions, UndoReport, status, undo,
};
use stytch_m2m::{CreateRequest, UpdateRequest};

use crate::tenant::{Move, Tenant, states};

async fn existing(there: &Move, id: &str, secret: &str) {
    let request = CreateRequest {
        client_id: Some(id.into()),
        client_secret: Some(secret.into()),
        trusted_metadata: json!({ "theirs": true }).as_object().cloned(),
        ..Default::default()
    };
    there.client.clients().create(request).await.unwrap();
}

#[tokio::test]
async fn a_conflict_is_resolved_as_the_plan_and_the_options_say() {
    let ids = ["report", "keep", "same-secret", "other-secret"];
    let (tenant, there) = (Tenant::of(&ids), Move::start());
    for id in ["report", "keep", "other-secret"] {
        existing(&there, id, "another-secret-altogether").await;
    }
    existing(&there, "same-secret", "canary-of-same-secret").await;
    let mut plan = there.plan(&tenant).await;
    for planned in &mut plan.clients {
        planned.on_conflict = match planned.client_id.as_str() {
            "report" => Some(OnConflict::Report),
            "keep" => Some(OnConflict::Keep),
            _ => None,
        };
    }
    let options = ImportOptions { on_conflict: OnConflict::TakeAuth0, ..Default::default() };
    let report = there.import_with(&plan, &tenant, &options).await;
    let expected = [
        ("report", ImportState::Conflict),
        ("keep", ImportState::Kept),
        ("same-secret", ImportState::Updated),
        ("other-secret", ImportState::Updated),
    ];
    assert_eq!(states(&report), expected);
    assert!(!report.is_complete(), "one conflict is left");
    // What was taken over is equal now, its metadata too.
    let again = there.plan(&tenant).await;
    let present: Vec<_> = again.clients.iter().map(|one| one.differs.is_empty()).collect();
    assert_eq!(present, [false, false, true, true]);
    // And the next run finds nothing to do about it.
    let creates = there.emulator.counts()["create"];
    assert_eq!(states(&there.import_with(&plan, &tenant, &options).await), expected);
    assert_eq!(there.emulator.counts()["create"], creates);
}

async fn undone(there: &Move, tenant: &Tenant, dry_run: bool) -> UndoReport {
    let plan = there.plan(tenant).await;
    let journal = there.journal(&plan);
    let options = UndoOptions { dry_run, ..Default::default() };
    undo(&there.client, &plan, &tenant.export(), Some(&journal), &options, |_| {}).await.unwrap()
}

#[tokio::test]
async fn an_undo_deletes_what_the_import_made_and_nobody_changed() {
    let ids = ["theirs", "untouched", "renamed", "rotated", "deleted"];
    let (tenant, there) = (Tenant::of(&ids), Move::start());
    existing(&there, "theirs", "another-secret-altogether").await;
    let plan = there.plan(&tenant).await;
    let _ = there.import(&plan, &tenant).await;
    let clients = there.client.clients();
    let renamed = UpdateRequest { client_name: Some("Renamed".into()), ..Default::default() };
    clients.update("renamed", renamed).await.unwrap();
    let _ = there.client.secrets().rotate_start("rotated").await.unwrap();
    there.client.secrets().rotate("rotated").await.unwrap();
    clients.delete("deleted").await.unwrap();

    let expected = [
        ("untouched".to_owned(), ImportState::Undone, vec![]),
        ("renamed".to_owned(), ImportState::Kept, vec!["client_name".to_owned()]),
        ("rotated".to_owned(), ImportState::Kept, vec!["client_secret".to_owned()]),
        ("deleted".to_owned(), ImportState::Undone, vec![]),
    ];
    for dry_run in [true, false] {
        let report = undone(&there, &tenant, dry_run).await;
        let told = report.clients.iter();
        let told = told.map(|one| (one.client_id.clone(), one.state, one.differs.clone()));
        assert_eq!(told.collect::<Vec<_>>(), expected, "dry_run {dry_run}");
        assert!(!report.is_complete());
        let left: &[_] = if dry_run {
            &["renamed", "rotated", "theirs", "untouched"]
        } else {
            &["renamed", "rotated", "theirs"]
        };
        assert_eq!(there.ids().await, left);
    }
    let so_far = status(&plan, Some(&there.journal(&plan)));
    assert_eq!(so_far.counts()[&ImportState::Undone], 2);

    // What Auth0 took away after the import can be undone, too.
    let (mut tenant, there) = (Tenant::of(&["a"]), Move::start());
    let plan = there.plan(&tenant).await;
    let _ = there.import(&plan, &tenant).await;
    tenant.remove("client_grants", "a");
    assert_eq!(states(&there.import(&plan, &tenant).await), [("a", ImportState::Changed)]);
    let journal = there.journal(&plan);
    let options = UndoOptions::default();
    let export = tenant.export();
    let _ = undo(&there.client, &plan, &export, Some(&journal), &options, |_| {}).await.unwrap();
    assert_eq!(there.ids().await, [""; 0]);
}

#[tokio::test]
async fn an_import_may_be_made_again_after_its_undo() {
    let (tenant, there) = (Tenant::of(&["a", "b"]), Move::start());
    let plan = there.plan(&tenant).await;
    for _ in 0..2 {
        assert_eq!(there.import(&plan, &tenant).await.counts()[&ImportState::Imported], 2);
        assert!(undone(&there, &tenant, false).await.is_complete());
        assert_eq!(there.ids().await, [""; 0]);
    }
    // And by the journal of before.
    let _ = there.import(&plan, &tenant).await;
    assert_eq!(there.ids().await, ["a", "b"]);
}

/// What is at Stytch decides what is listed, not the journal.
#[tokio::test]
async fn an_undo_lists_what_imports_left_at_stytch() {
    let (tenant, there) = (Tenant::of(&["taken", "made"]), Move::start());
    existing(&there, "taken", "another-secret-altogether").await;
    existing(&there, "theirs", "another-secret-altogether").await;
    let plan = there.plan(&tenant).await;
    let options = ImportOptions { on_conflict: OnConflict::TakeAuth0, ..Default::default() };
    let _ = there.import_with(&plan, &tenant, &options).await;
    let export = tenant.export();
    let options = UndoOptions::default();
    let told = |report: &UndoReport| {
        let clients = report.clients.iter();
        let told =
            clients.map(|one| (one.client_id.clone(), one.reason.clone().unwrap_or_default()));
        told.collect::<Vec<_>>()
    };
    let without = undo(&there.client, &plan, &export, None, &options, |_| {}).await.unwrap();
    let lost = |id: &str| (id.to_owned(), "not_in_journal".to_owned());
    assert_eq!(told(&without), [lost("taken"), lost("made")]);
    assert_eq!(there.ids().await, ["made", "taken", "theirs"]);
    let with = undone(&there, &tenant, false).await;
    let expected = [("taken".to_owned(), "updated".to_owned()), ("made".into(), String::new())];
    assert_eq!(told(&with), expected);
    assert!(!with.is_complete());
    assert_eq!(there.ids().await, ["taken", "theirs"]);
}
