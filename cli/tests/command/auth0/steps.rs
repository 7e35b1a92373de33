//! plan, import, verify, status.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;
use serde_json::json;
use stytch_m2m_emulator::{Effect, Fault, Operation, TokenChanges, TokenSettings};

use super::support::{API, Migration, PLAN, all_files, client, grant, secret_of, text_of};

const IMPORT: [&str; 2] = ["import", PLAN];

#[test]
fn from_the_plan_to_the_proof() {
    let migration = Migration::of(3);
    let text = text_of(&migration.run(&["plan", "--out", PLAN]));
    assert!(text.contains("import  3"), "{text}");
    let status = |migration: &Migration| migration.json(&["status", PLAN], 0);
    assert_eq!(status(&migration)["counts"]["import"], 3);

    let dry = migration.json(&[&IMPORT[..], &["--dry-run"]].concat(), 0);
    assert_eq!(dry["counts"], json!({ "import": 3, "skip": 2 }));
    assert_eq!(migration.emulator.counts()["create"], 0);

    let report = migration.json(&[&IMPORT[..], &["--report", "report.json"]].concat(), 0);
    assert_eq!(report["counts"], json!({ "imported": 3, "skip": 2 }));
    assert_eq!(migration.ids_at_stytch(), ["client-0", "client-1", "client-2"]);
    let made = migration.stytch(&["clients", "get", "client-1"]);
    assert_eq!(made["client_name"], "Name of client-1");
    assert_eq!(made["scopes"], json!(["read:invoices"]));
    assert_eq!(made["trusted_metadata"]["team"], "money");
    assert_eq!(made["trusted_metadata"]["auth0_audiences"], json!([API]));
    assert_eq!(status(&migration)["counts"]["imported"], 3);

    let proof = migration.json(&["verify", PLAN], 0);
    assert_eq!((&proof["verified"], &proof["failed"]), (&json!(3), &json!(0)));
    let end = status(&migration);
    assert_eq!(end["counts"]["verified"], 3);
    assert!(end["next"].as_str().unwrap().contains("wait 7200 s"), "{end}");

    // No secret in the plan, the journal or the report.
    assert!(!all_files(migration.dir.path()).contains("canary"));
}

#[test]
fn again_is_as_good_as_once() {
    let migration = Migration::of(3);
    migration.plan();
    migration.json(&IMPORT, 0);
    let creates = migration.emulator.counts()["create"];
    let again = migration.json(&IMPORT, 0);
    assert_eq!(again["counts"]["imported"], 3);
    assert_eq!(migration.emulator.counts()["create"], creates, "the journal knows");

    std::fs::remove_file(migration.path("plan.yaml.journal")).unwrap();
    let without = migration.json(&IMPORT, 0);
    assert_eq!(without["counts"]["present"], 3);
    let replanned = migration.json(&["plan", "--out", PLAN, "--force"], 0);
    assert_eq!(replanned["counts"], json!({ "present": 3, "skip": 2 }));
    assert_eq!(migration.ids_at_stytch().len(), 3);
}

#[test]
fn another_client_with_the_id_is_not_touched() {
    let migration = Migration::of(2);
    std::fs::write(migration.path("other"), "another-secret-altogether").unwrap();
    let other = migration.path("other");
    let other = other.to_str().unwrap();
    let create =
        ["clients", "create", "--client-id", "client-1", "--name", "Mine", "--secret-from", other];
    migration.stytch(&create);
    let before = migration.stytch(&["clients", "get", "client-1"]);

    assert_eq!(migration.plan()["counts"], json!({ "import": 1, "conflict": 1, "skip": 2 }));
    let differs = json!(["client_secret", "client_name", "scopes", "trusted_metadata"]);
    assert_eq!(migration.planned_client("client-1")["differs"], differs);
    for arguments in [vec!["--dry-run"], vec![]] {
        let report = migration.json(&[&IMPORT[..], &arguments].concat(), 20);
        let clients = report["clients"].as_array().unwrap();
        let conflict = clients.iter().find(|one| one["client_id"] == "client-1").unwrap();
        assert_eq!(conflict["state"], "conflict");
        assert_eq!(conflict["differs"], differs);
    }
    assert_eq!(migration.stytch(&["clients", "get", "client-1"]), before);
    let text = text_of(&migration.run(&IMPORT));
    assert!(text.contains("differs in client_secret, client_name"), "{text}");
}

#[test]
fn a_person_edits_the_plan() {
    let migration = Migration::of(3);
    migration.plan();
    let mut plan = migration.planned();
    for planned in plan["clients"].as_array_mut().unwrap() {
        if planned["client_id"] == "client-0" {
            planned["state"] = "skip".into();
        }
        if planned["client_id"] == "client-1" {
            planned["client_name"] = "Renamed".into();
            planned["scopes"] = json!(["read:invoices", "read:more"]);
        }
    }
    migration.write_plan(&plan);
    let report = migration.json(&IMPORT, 0);
    assert_eq!(report["counts"], json!({ "imported": 2, "skip": 3 }));
    let renamed = migration.stytch(&["clients", "get", "client-1"]);
    assert_eq!(renamed["client_name"], "Renamed");
    assert_eq!(renamed["scopes"], json!(["read:invoices", "read:more"]));

    // Edited after it was carried out: what is there is not what is wanted.
    plan["clients"][3]["client_name"] = "Renamed again".into();
    migration.write_plan(&plan);
    assert_eq!(migration.json(&IMPORT, 20)["counts"]["conflict"], 1);

    plan["clients"][3]["sate"] = "import".into();
    migration.write_plan(&plan);
    let refused = migration.run(&IMPORT);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text_of(&refused).contains("sate"), "{}", text_of(&refused));
}

#[test]
fn what_changed_since_the_plan_is_told() {
    let migration = Migration::of(3);
    migration.plan();
    let mut plan = migration.planned();
    let clients = plan["clients"].as_array_mut().unwrap();
    clients.retain(|one| one["client_id"] != "client-2");
    let mut gone = clients.last().unwrap().clone();
    gone["client_id"] = "gone".into();
    clients.push(gone);
    migration.write_plan(&plan);
    let report = migration.json(&IMPORT, 20);
    assert_eq!(report["unplanned"], json!(["client-2"]));
    let gone = report["clients"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&gone["state"], &gone["reason"]), (&json!("changed"), &json!("gone")));
}

#[test]
fn what_stytch_refuses_is_found_by_the_plan_and_told_by_the_import() {
    let mut weak = client("weak");
    weak["client_secret"] = "aaaaaaaaaaaa".into();
    let migration = Migration::from(json!({
        "clients": [weak, client("strong")],
        "client_grants": [grant("weak", API, &["read"]), grant("strong", API, &["read"])],
    }));
    migration.plan();
    assert_eq!(migration.planned_client("weak")["reason"], "invalid_secret");
    migration.json(&IMPORT, 0);
    assert_eq!(migration.ids_at_stytch(), ["strong"]);

    // A person who knows better is told by Stytch.
    let mut plan = migration.planned();
    for planned in plan["clients"].as_array_mut().unwrap() {
        if planned["client_id"] == "weak" {
            planned["state"] = "import".into();
        }
    }
    migration.write_plan(&plan);
    let report = migration.json(&IMPORT, 20);
    let weak = report["clients"].as_array().unwrap().iter().find(|one| one["client_id"] == "weak");
    let weak = weak.unwrap();
    assert_eq!(weak["state"], "refused");
    assert_eq!(weak["reason"], "insecure_m2m_client_secret");
    assert_eq!(weak["field"], "client_secret");
    assert_eq!(migration.json(&["status", PLAN], 0)["counts"]["refused"], 1);
}

#[test]
fn a_wrong_secret_or_scope_is_found_out() {
    let migration = Migration::of(3);
    migration.plan();
    migration.json(&IMPORT, 0);
    // Rotated at Stytch, after the import.
    let next = ["secrets", "rotate", "start", "client-0", "--show-secret"];
    migration.stytch(&next);
    migration.stytch(&["secrets", "rotate", "finish", "client-0", "--unproven"]);
    migration.stytch(&["clients", "update", "client-1", "--scope", "write:invoices"]);
    let proof = migration.json(&["verify", PLAN], 20);
    let problem = |index: usize| proof["clients"][index]["problem"].as_str().unwrap_or_default();
    assert!(problem(0).starts_with("authentication"), "{proof}");
    assert_eq!(problem(1), "scope differs from the plan");
    assert_eq!(problem(2), "");
    let status = migration.json(&["status", PLAN], 0);
    assert_eq!(status["counts"]["verified"], 1);
    assert_eq!(status["counts"]["verify_failed"], 2);
    assert_eq!(status["open"][1]["problem"], "scope differs from the plan");

    let mut settings = TokenSettings::default();
    settings.changes = TokenChanges::default().claim("iss", "https://elsewhere.example.com");
    migration.emulator.set_token_settings(settings).unwrap();
    let proof = migration.json(&["verify", PLAN, "--only", "client-2"], 20);
    let problem = proof["clients"][0]["problem"].as_str().unwrap().to_owned();
    assert!(problem.starts_with("invalid_token"), "{problem}");
    assert!(!text_of(&migration.run(&["verify", PLAN])).contains(&secret_of("client-0")));
}

#[test]
fn a_plan_is_for_one_project_and_overwrites_nothing() {
    let (migration, other) = (Migration::of(1), Migration::of(1));
    migration.plan();
    let text = text_of(&migration.run(&["plan", "--out", PLAN]));
    assert!(text.contains("exists already"), "{text}");
    std::fs::copy(migration.path(PLAN), other.path(PLAN)).unwrap();
    let refused = other.run(&IMPORT);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text_of(&refused).contains("the plan is for the project"), "{}", text_of(&refused));
    assert_eq!(other.ids_at_stytch(), [""; 0]);
}

#[test]
fn a_tenant_may_come_from_a_file() {
    let migration = Migration::of(0);
    let export = json!({
        "tenant": "acme.eu.auth0.com",
        "clients": [
            { "client_id": "a", "client_secret": "canary-secret-of-a",
              "grant_types": ["client_credentials"] },
            { "client_id": "b", "client_secret": "_VALUE_NOT_SHOWN_",
              "grant_types": ["client_credentials"] },
        ],
        "clientGrants": [grant("a", API, &["read"]), grant("b", API, &["read"])],
        "resourceServers": [api_without_lifetime()],
    });
    std::fs::write(migration.path("export.json"), export.to_string()).unwrap();
    let from = ["--export", "export.json"];
    let counts = migration.json(&[&["plan", "--out", PLAN], &from[..]].concat(), 0);
    assert_eq!(counts["counts"], json!({ "import": 1, "skip": 1 }));
    assert_eq!(migration.planned_client("b")["reason"], "no_secret");
    assert_eq!(migration.planned()["wait_seconds"], 86_400);
    migration.json(&[&IMPORT[..], &from[..]].concat(), 0);
    migration.json(&[&["verify", PLAN], &from[..]].concat(), 0);

    std::fs::write(migration.path("export.json"), r#"{"tenant": "canary"}"#).unwrap();
    let refused = migration.run(&[&IMPORT[..], &from[..]].concat());
    assert_eq!(refused.status.code(), Some(2));
    assert!(!text_of(&refused).contains("canary"));
}

fn api_without_lifetime() -> serde_json::Value {
    json!({ "identifier": API, "scopes": [{ "value": "read" }] })
}

#[test]
fn a_reader_without_rights_hears_which_it_needs() {
    let migration = Migration::from(json!({ "management_client": { "scopes": ["read:clients"] } }));
    let refused = migration.run(&["plan", "--out", PLAN]);
    assert_eq!(refused.status.code(), Some(4));
    assert!(text_of(&refused).contains("read:client_grants"), "{}", text_of(&refused));
    let mut wrong = migration.command(&["plan", "--out", PLAN]);
    wrong.env("AUTH0_CLIENT_SECRET", "wrong-secret").assert().code(3);
    assert!(!migration.path(PLAN).exists());
}

#[test]
fn one_import_at_a_time() {
    let migration = Migration::of(1);
    migration.plan();
    let slow = Fault::new(Effect::Delay { milliseconds: 20_000 }).at(Operation::Create);
    migration.emulator.add_fault(slow).unwrap();
    let mut first = migration.std_command(&IMPORT).spawn().unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while migration.emulator.counts()["create"] == 0 {
        assert!(std::time::Instant::now() < deadline, "the first never came to create");
        std::thread::yield_now();
    }
    let second = migration.run(&IMPORT);
    // Looking on is no trouble.
    assert_eq!(migration.json(&["status", PLAN], 0)["counts"]["begun"], 1);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(second.status.code(), Some(2), "{}", text_of(&second));
    assert!(text_of(&second).contains("another import"), "{}", text_of(&second));
}

#[test]
fn wrong_credentials_stop_it_at_once() {
    let migration = Migration::of(50);
    migration.plan();
    let fault = Fault::new(Effect::status(401)).at(Operation::Create).times(50);
    migration.emulator.add_fault(fault).unwrap();
    let stopped = migration.run(&IMPORT);
    assert_eq!(stopped.status.code(), Some(3));
    assert!(text_of(&stopped).contains("run the same command again"), "{}", text_of(&stopped));
    assert!(migration.emulator.counts()["create"] < 20);
    migration.emulator.clear_faults();
    assert_eq!(migration.json(&IMPORT, 0)["counts"]["imported"], 50);
}

#[test]
fn an_error_names_the_side_that_refused_and_no_method_of_the_library() {
    let migration = Migration::of(3);
    let auth0 = |code| {
        let mut command = migration.command(&["plan", "--out", PLAN, "-o", "json"]);
        let output = command.env("AUTH0_CLIENT_SECRET", "wrong").assert().code(code);
        serde_json::from_slice::<serde_json::Value>(&output.get_output().stderr).unwrap()
    };
    assert_eq!(auth0(3)["error"]["side"], "auth0");
    let mut command = migration.command(&["plan", "--out", PLAN]);
    command.env("STYTCH_SECRET", "wrong").assert().code(3).stderr(contains("error: Stytch: "));
    migration.plan();
    for effect in [Effect::DropAnswer, Effect::status(500), Effect::status(403)] {
        migration.emulator.clear_faults();
        let fault = Fault::new(effect).at(Operation::Create).seconds(60);
        migration.emulator.add_fault(fault).unwrap();
        for arguments in [
            &["clients", "create", "--client-id", "x", "--show-secret", "--timeout", "2"][..],
            &["clients", "create", "--show-secret", "--timeout", "2"],
        ] {
            let mut command = crate::support::bare(arguments);
            let said = command.envs(migration.environment()).output().unwrap().stderr;
            let said = String::from_utf8(said).unwrap();
            for method in ["rotate_", "recover_", "get(", "create(", "()", "`"] {
                assert!(!said.contains(method), "{said}");
            }
            assert!(!said.contains(" WARN ") && !said.contains(" DEBUG "), "{said}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_guides_script() {
    let migration = Migration::of(2);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let installed = assert_cmd::cargo::cargo_bin!("stytch-m2m").parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let paths = std::iter::once(installed.to_owned()).chain(std::env::split_paths(&path));
    assert_cmd::Command::new(root.join("examples/emulator/migrate.sh"))
        .current_dir(migration.dir.path())
        .envs(migration.environment())
        .env("PATH", std::env::join_paths(paths).unwrap())
        .assert()
        .success()
        .stdout(contains("verified: 2 of 2").and(contains("next: move the callers")));
}

/// As the guide says it, and nothing else.
#[cfg(unix)]
#[test]
fn the_guides_rehearsal() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let guide = std::fs::read_to_string(root.join("docs/migrating-from-auth0.md")).unwrap();
    let line = guide.lines().find_map(|line| line.strip_prefix("$ examples/emulator/")).unwrap();
    let installed = assert_cmd::cargo::cargo_bin!("stytch-m2m").parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let paths = std::iter::once(installed.to_owned()).chain(std::env::split_paths(&path));
    assert_cmd::Command::new("sh")
        .args(["-c", &format!("examples/emulator/{line}")])
        .current_dir(root)
        .env("PATH", std::env::join_paths(paths).unwrap())
        .assert()
        .success()
        .stdout(contains("verified: 2 of 2").and(contains("next: move the callers")));
}
