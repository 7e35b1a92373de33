//! The files of a migration: plan, report, journal.

use serde_json::json;

use super::support::{API, Migration, PLAN, client, grant, text_of};

/// The plan is read by people, and its names come from the tenant.
#[test]
fn a_plan_holds_no_character_that_deceives_its_reader() {
    let mut odd = client("odd");
    odd["name"] = "Odd\u{202e}txt\nstate: skip".into();
    for plan in [PLAN, "plan.json"] {
        let migration = Migration::from(json!({
            "clients": [odd.clone()],
            "client_grants": [grant("odd", API, &["read"])],
        }));
        migration.json(&["plan", "--out", plan], 0);
        let text = migration.read(plan);
        assert!(!text.contains('\u{202e}') && !text.contains("\nstate: skip"), "{text}");
        migration.json(&["import", plan], 0);
        let made = migration.stytch(&["clients", "get", "odd"]);
        assert_eq!(made["client_name"], odd["name"]);
    }
}

#[test]
fn a_file_that_cannot_be_written_costs_no_work() {
    let migration = Migration::of(3);
    for arguments in [&["plan", "--out", "none/plan.yaml"][..], &["plan", "--out", "."]] {
        let output = migration.run(arguments);
        assert!([Some(1), Some(2)].contains(&output.status.code()), "{}", text_of(&output));
    }
    assert_eq!(migration.emulator.counts()["auth0_clients"], 0);
    migration.plan();
    let output = migration.run(&["import", PLAN, "--report", "none/report.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text_of(&output));
    assert_eq!(migration.emulator.counts()["create"], 0);
}

/// They name a tenant's clients, and a link could lead to any file.
#[cfg(unix)]
#[test]
fn plan_report_and_journal_are_their_owners_alone_and_follow_no_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let migration = Migration::of(2);
    let journal = format!("{PLAN}.journal");
    let refused = |arguments: &[&str], name: &str| {
        let output = migration.run(arguments);
        let text = text_of(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(name) && text.contains("symbolic link"), "{text}");
    };
    let target = migration.path("target");
    std::fs::write(&target, "untouched").unwrap();
    let link = |name: &str| symlink(&target, migration.path(name)).unwrap();
    let unlink = |name: &str| std::fs::remove_file(migration.path(name)).unwrap();

    link(PLAN);
    refused(&["plan", "--out", PLAN], PLAN);
    refused(&["plan", "--out", PLAN, "--force"], PLAN);
    unlink(PLAN);
    // Where the whole plan is written before it appears.
    link(&format!("{PLAN}.partial"));
    migration.plan();
    link(&journal);
    refused(&["import", PLAN], &journal);
    refused(&["status", PLAN], &journal);
    unlink(&journal);
    link("report.json");
    refused(&["import", PLAN, "--report", "report.json"], "report.json");
    unlink("report.json");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "untouched");

    // One of an earlier version that others could read.
    std::fs::write(migration.path(&journal), "").unwrap();
    let readable = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(migration.path(&journal), readable).unwrap();
    migration.json(&["import", PLAN, "--report", "report.json"], 0);
    for name in [PLAN, &journal, "report.json"] {
        let mode = std::fs::metadata(migration.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!migration.path(&format!("{PLAN}.partial")).exists());
}
