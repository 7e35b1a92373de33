//! `emulate` and `doctor`

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;
use stytch_m2m_emulator::{Effect, Fault, Operation};

use crate::support::{ID, SECRET, World, bare, json};

/// `emulate`, until dropped.
struct Served {
    child: Child,
    environment: Vec<(String, String)>,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn emulate(world: &World, arguments: &[&str]) -> Served {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
    command.arg("emulate").args(arguments).current_dir(world.dir.path());
    for name in ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL"] {
        command.env_remove(name);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let count = 3
        + if arguments.contains(&"--auth0") { 3 } else { 0 }
        + if arguments.contains(&"--workspace") { 4 } else { 0 };
    let settings = |line: std::io::Result<String>| {
        let line = line.unwrap();
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    Served { child, environment: stdout.lines().take(count).map(settings).collect() }
}

#[test]
fn an_emulator_with_a_seed_faults_and_a_limit() {
    let world = World::new();
    world.write("seed.yaml", "clients: [{ client_id: seeded, scopes: [read:users] }]");
    world.write(
        "faults.yaml",
        "- { operation: get, effect: { type: status, status: 403 }, times: 1 }",
    );
    let arguments =
        ["--seed", "seed.yaml", "--faults", "faults.yaml", "--rate-limit", "3/3600", "--auth0"];
    let served = emulate(&world, &arguments);
    assert_eq!(served.environment.last().unwrap().0, "AUTH0_CLIENT_SECRET");
    let mut codes = Vec::new();
    for _ in 0..4 {
        let mut get = bare(&["clients", "get", "seeded"]);
        codes.push(get.envs(served.environment.clone()).output().unwrap().status.code().unwrap());
    }
    // The fault, then the client, then the limit.
    assert_eq!(codes, [4, 0, 0, 8]);
}

#[test]
fn an_emulator_tells_its_workspace_key() {
    let world = World::new();
    let served = emulate(&world, &["--workspace"]);
    let mut show = bare(&["template", "show"]);
    show.envs(served.environment.clone()).assert().success().stdout(contains("template: none"));
}

#[test]
fn emulate_never_takes_or_prints_the_environments_secret() {
    let world = World::new();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
    command
        .arg("emulate")
        .env("STYTCH_SECRET", "secret-live-canary")
        .env_remove("STYTCH_PROJECT_ID");
    command.stdout(Stdio::piped()).stderr(Stdio::null()).current_dir(world.dir.path());
    let mut child = command.spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let said: Vec<_> = stdout.lines().take(3).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said[1].starts_with("STYTCH_SECRET=secret-test-"), "{said:?}");
    assert!(!said.concat().contains("canary"));

    world.write("secret", "secret-of-a-test");
    let served = emulate(&world, &["--project-secret-from", "secret"]);
    assert_eq!(served.environment[1].1, "secret-of-a-test", "which was given for it");
}

#[cfg(unix)]
#[test]
fn an_emulator_ends_in_order_when_asked() {
    let world = World::new();
    let mut served = emulate(&world, &[]);
    let id = served.child.id().to_string();
    assert!(Command::new("kill").arg(&id).status().unwrap().success());
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let mut served = emulate(&world, &[]);
    let id = served.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(served.child.wait().unwrap().code(), Some(130));
}

#[test]
fn an_emulator_refuses_what_is_wrong() {
    let world = World::new();
    world.write("bad", "clients: 3");
    for option in ["--seed", "--faults"] {
        let mut command = bare(&["emulate", option, "bad"]);
        command.current_dir(world.dir.path()).assert().code(2).stderr(contains("bad: "));
    }
    bare(&["emulate", "--rate-limit", "fast"]).assert().code(2);
    bare(&["emulate", "--project-id", "project-live-1"]).assert().code(2);
}

#[test]
fn a_seed_that_is_wrong_is_told_by_its_field_and_line() {
    let world = World::new();
    let seeds = [
        ("clients:\n  - client_id: a\n    scopess: [b]\n", "line 3", "clients[0]"),
        ("clients:\n  - client_id: a\n    scopes: 3\n", "line 3", "clients[0].scopes"),
        ("clients:\n  - client_id: a\n  - scopes: [a b]\n", "line 3", "clients[1]"),
        ("clients:\n  - client_secret: short\n", "line 2", "clients[0]"),
        ("clients:\n  - client_id: a\n  - client_id: a\n", "line 3", "clients[1]"),
        ("\ntoken_settings:\n  custom_claims_template: '{'\n", "line 3", "token_settings"),
    ];
    for (seed, line, field) in seeds {
        world.write("seed.yaml", seed);
        let mut command = bare(&["emulate", "--seed", "seed.yaml"]);
        let output = command.current_dir(world.dir.path()).assert().code(2).get_output().clone();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(line) && said.contains(field), "{seed:?}: {said}");
    }
}

fn statuses(output: &[u8]) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let checks = json(output);
    let checks = checks.as_array().unwrap();
    checks.iter().map(|check| (text(&check["check"]), text(&check["status"]))).collect()
}

#[test]
fn a_healthy_project() {
    let world = World::new();
    let arguments = ["doctor", "--client-id", ID, "--output", "json"];
    let mut command = world.command(&arguments);
    command.env("STYTCH_CLIENT_SECRET", SECRET);
    let found = statuses(&command.assert().success().get_output().stdout);
    let checks = [
        ("settings", "ok"),
        ("proxy", "ok"),
        ("reachability", "ok"),
        ("clock", "ok"),
        ("key set", "ok"),
        ("project secret", "ok"),
        ("token template", "skipped"),
        ("token round trip", "ok"),
        ("organization", "skipped"),
        ("Auth0", "skipped"),
    ];
    assert_eq!(found, checks.map(|(check, status)| (check.to_owned(), status.to_owned())));

    world.command(&["doctor"]).assert().success().stdout(contains("skipped token round trip"));
    world.command(&["doctor", "--make-client"]).assert().success();
    assert_eq!(world.emulator.counts()["delete"], 1);
}

#[test]
fn what_is_wrong_is_named_and_ends_with_20() {
    let world = World::new();
    let failed = |command: &mut assert_cmd::Command| {
        let output = command.args(["--output", "json"]).assert().code(20).get_output().clone();
        let failed = statuses(&output.stdout).into_iter().filter(|(_, status)| status == "failed");
        failed.map(|(name, _)| name).collect::<Vec<_>>()
    };
    let wrong = &mut world.command(&["doctor"]);
    assert_eq!(failed(wrong.env("STYTCH_SECRET", "wrong")), ["project secret"]);
    let wrong = &mut world.command(&["doctor", "--client-id", ID]);
    assert_eq!(failed(wrong.env("STYTCH_CLIENT_SECRET", "wrong")), ["token round trip"]);
    let away = &mut bare(&["doctor", "--project-id", "project-test-1"]);
    assert_eq!(
        failed(away.env("STYTCH_BASE_URL", "http://127.0.0.1:1")),
        ["reachability", "key set"]
    );
    assert_eq!(failed(&mut bare(&["doctor"])), ["settings"]);

    let late = [("Date".to_owned(), "Sun, 06 Nov 2022 08:49:37 GMT".to_owned())].into();
    let body = Some(r#"{"keys":[]}"#.to_owned());
    let effect = Effect::Status { status: 200, headers: late, body };
    world.emulator.add_fault(Fault::new(effect).at(Operation::Jwks)).unwrap();
    assert_eq!(failed(&mut world.command(&["doctor"])), ["clock"]);
}

#[test]
fn a_wrong_project_id_is_named_by_doctor_and_in_the_log() {
    let world = World::new();
    let wrong = "project-test-00000000-0000-4000-8000-00000000dead";
    let mut command = world.command(&["doctor", "--project-id", wrong, "-v", "--output", "json"]);
    let output = command.assert().code(20).get_output().clone();
    let checks = json(&output.stdout);
    let keys = checks.as_array().unwrap().iter().find(|check| check["check"] == "key set").unwrap();
    assert_eq!(keys["status"], "failed");
    let detail = keys["detail"].as_str().unwrap();
    assert!(detail.contains(wrong) && detail.contains("Check --project-id"), "{detail}");
    let log = String::from_utf8(output.stderr).unwrap();
    let warning = log.lines().find(|line| line.contains("cannot fetch keys")).unwrap();
    assert!(warning.contains(wrong) && warning.contains("Check --project-id"), "{warning}");
}

#[test]
fn doctor_reads_auth0_and_names_the_proxy() {
    let world = World::new();
    let tenant = world.emulator.auth0();
    let mut command = world.command(&["doctor"]);
    command.env("AUTH0_DOMAIN", &tenant.issuer).env("AUTH0_CLIENT_ID", &tenant.client_id);
    command.env("AUTH0_CLIENT_SECRET", &tenant.client_secret);
    command.assert().success().stdout(contains("Auth0: ").and(contains("can be read")));
    let mut wrong = world.command(&["doctor"]);
    wrong.env("AUTH0_DOMAIN", &tenant.issuer).env("AUTH0_CLIENT_ID", &tenant.client_id);
    wrong.env("AUTH0_CLIENT_SECRET", "wrong").assert().code(20).stdout(contains("Auth0"));

    let proxied = |url: &str| {
        let mut command = bare(&["doctor", "--project-id", "project-test-1"]);
        for name in ["https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(name);
        }
        command.env("HTTPS_PROXY", url).assert().code(20)
    };
    let named = proxied("http://user:canary@127.0.0.1:1");
    let named = named.stdout(contains("http://127.0.0.1:1, from HTTPS_PROXY"));
    assert!(!crate::support::all_of(named.get_output()).contains("canary"));
    proxied("ftp://127.0.0.1:1").stdout(contains("HTTPS_PROXY names no proxy"));
}

#[test]
fn a_made_client_goes_away_even_when_the_check_fails() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(Effect::status(403)).at(Operation::Token)).unwrap();
    world
        .command(&["doctor", "--make-client"])
        .assert()
        .code(20)
        .stdout(contains("failed  token round trip").or(contains("failed token round trip")));
    assert_eq!(world.json(&["clients", "list"]).as_array().unwrap().len(), 1);
}
