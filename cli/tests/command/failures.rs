//! How failures are told, to people and to programs.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::{contains, is_empty};
use stytch_m2m_emulator::{Effect, Fault};

use crate::support::{ID, SECRET, World, all_of, bare, json};

#[test]
fn each_family_has_its_exit_code() {
    let world = World::new();
    let code = |effect: Effect| {
        world.emulator.clear_faults();
        world.emulator.add_fault(Fault::new(effect).times(10)).unwrap();
        let arguments = ["clients", "get", ID, "--timeout", "3", "--output", "json"];
        let output = world.command(&arguments).output().unwrap();
        let code = json(&output.stderr)["error"]["code"].as_str().unwrap().to_owned();
        (output.status.code().unwrap(), code)
    };
    let malformed = Effect::MalformedBody;
    let cases = [
        (Effect::status(401), 3, "authentication"),
        (Effect::status(403), 4, "permission_denied"),
        (Effect::status(404), 5, "not_found"),
        (Effect::status(409), 6, "conflict"),
        (Effect::status(400), 7, "invalid_request"),
        (Effect::rate_limited(30), 8, "rate_limited"),
        (Effect::status(500), 9, "service"),
        (Effect::Reset, 10, "network"),
        (Effect::Delay { milliseconds: 5000 }, 10, "timeout"),
        (malformed, 10, "unexpected_response"),
    ];
    for (effect, exit_code, name) in cases {
        assert_eq!(code(effect), (exit_code, name.to_owned()));
    }
}

#[test]
fn an_open_outcome_says_how_to_go_on() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(Effect::DropAnswer)).unwrap();
    world
        .command(&["secrets", "rotate", "start", ID, "--show-secret"])
        .assert()
        .code(11)
        .stdout(is_empty())
        .stderr(contains("outcome_unknown").and(contains("start billing --recover")));
}

#[test]
fn settings_that_are_missing_or_wrong() {
    bare(&["clients", "list"])
        .env("STYTCH_SECRET", "s")
        .assert()
        .code(2)
        .stderr(contains("PROJECT_ID"));
    let world = World::new();
    let mut command = world.command(&["clients", "list"]);
    command.env_remove("STYTCH_SECRET");
    command
        .assert()
        .code(2)
        .stderr(contains("set STYTCH_SECRET").and(contains("--project-secret-from")));
    world.command(&["clients", "list", "--base-url", "http://example.com"]).assert().code(2);
    world
        .command(&["clients", "create", "--metadata", "[canary]", "--show-secret"])
        .assert()
        .code(2)
        .stderr(contains("not a JSON object"));
}

/// Every file that people write is refused in words of the file, not of this program.
#[test]
fn what_is_wrong_with_a_file_names_no_type_of_the_program() {
    let world = World::new();
    let wrong = [
        "[1]",
        "clients: [3]",
        "clients: 3",
        "profiles: 3",
        "profiles: { a: 3 }",
        "profiles: { a: { project_id: 3 } }",
        "profiles: { a: { project_id: p, auth0: 3 } }",
        "3",
        "- 3",
        "- { operation: 3 }",
        "- { operation: token, effect: 3 }",
        "{ a: 3 }",
        "{ a: { b: 3 } }",
        "auth0: 3",
        "version: x",
        "{ version: 2, tenant: t, project_id: p, wait_seconds: 1, clients: [1] }",
        "{ tenant: 3 }",
        "{ tenant: t, clients: 3 }",
    ];
    let commands = [
        &["clients", "apply", "file"][..],
        &["profiles", "list"],
        &["emulate", "--seed", "file"],
        &["emulate", "--faults", "file"],
        &["auth0", "status", "file"],
        &["auth0", "plan", "--out", "p", "--scope-mapping", "file", "--export", "file"],
        &["auth0", "plan", "--out", "p", "--export", "file"],
        &["secrets", "rotate", "run", "--all", "--secrets-dir", "d", "--journal", "file"],
    ];
    for text in wrong {
        for arguments in commands {
            world.write("file", text);
            let mut command = world.command(arguments);
            command.env("STYTCH_CONFIG", "file").timeout(std::time::Duration::from_secs(20));
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let types = ["struct ", "enum ", "variant", "sequence element", "newtype"];
            for name in types {
                assert!(!said.contains(name), "{arguments:?} {text}: {said}");
            }
        }
    }
}

#[test]
fn a_file_of_authorities_that_is_missing_or_wrong_is_told_by_its_option() {
    let world = World::new();
    let list = |file: &str| world.command(&["clients", "list", "--ca-file", file]).assert();
    list("none.pem").code(1).stderr(contains("none.pem"));
    world.write("text.pem", "no certificate");
    list("text.pem").code(2).stderr(contains("--ca-file must contain PEM certificates"));
    assert_eq!(world.emulator.counts()["search"], 0);
}

#[test]
fn the_projects_secret_may_come_from_a_file_or_standard_input() {
    let world = World::new();
    world.write("project", &format!("{}\n", world.emulator.secret()));
    for path in ["project", "-"] {
        let mut command = world.command(&["clients", "list", "--project-secret-from", path]);
        command.env_remove("STYTCH_SECRET").write_stdin(world.emulator.secret());
        command.assert().success();
    }
    world.command(&["clients", "list", "--project-secret-from", "none"]).assert().code(1);
}

#[test]
fn no_secret_can_be_an_argument() {
    let help = |arguments: &[&str]| all_of(&bare(arguments).arg("--help").output().unwrap());
    let commands: [&[&str]; 6] = [
        &[],
        &["clients", "create"],
        &["secrets", "rotate", "finish"],
        &["token", "get"],
        &["token", "verify"],
        &["doctor"],
    ];
    for command in commands {
        let help = help(command);
        for line in help.lines().filter(|line| line.trim_start().starts_with("--")) {
            let takes_a_value = line.contains('<');
            let names_a_secret = line.contains("secret") || line.contains("--token");
            let names_a_place = ["<PATH>", "<URL>"].iter().any(|kind| line.contains(kind));
            assert!(!(takes_a_value && names_a_secret) || names_a_place, "{line}");
        }
    }
}

#[test]
fn colours_are_for_terminals() {
    let world = World::new();
    let get = ["clients", "get", "nobody"];
    let plain = all_of(&world.command(&get).output().unwrap());
    assert!(plain.starts_with("error: not_found"), "{plain}");
    let coloured = [&get[..], &["--color", "always"]].concat();
    assert!(all_of(&world.command(&coloured).output().unwrap()).contains("\u{1b}["));
}

#[test]
fn verbose_logs_requests_and_no_secret() {
    let world = World::new();
    let mut get = world.command(&["token", "get", "--client-id", ID, "--token-file", "t", "-v"]);
    let output = get.env("STYTCH_CLIENT_SECRET", SECRET).output().unwrap();
    let said = all_of(&output);
    assert!(said.contains("/oauth2/token") && said.contains("status=200"), "{said}");
    assert!(!said.contains(SECRET) && !said.contains(&world.read("t")), "{said}");
    let secret = world.emulator.secret().to_owned();
    let said = all_of(&world.command(&["clients", "list", "--verbose"]).output().unwrap());
    assert!(said.contains("/search") && !said.contains(&secret), "{said}");
}

#[cfg(unix)]
#[test]
fn who_stops_reading_is_no_failure() {
    let world = World::new();
    let mut list = std::process::Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
    list.args(["clients", "list"]).envs(world.environment());
    let mut child = list.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_environment_variable_that_is_empty_is_not_set() {
    let mut command = bare(&["clients", "list"]);
    command.env("STYTCH_PROJECT_ID", "").env("STYTCH_SECRET", "s");
    command.assert().code(2).stderr(contains("project_id is missing: give --project-id"));

    let world = World::new();
    let mut command = world.command(&["clients", "list", "--project-id", "project-test-1"]);
    // Stytch's own host, which the proxy keeps this test from.
    command.env("STYTCH_BASE_URL", "").env("HTTPS_PROXY", "http://127.0.0.1:1");
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    command.assert().code(10).stderr(contains("test.stytch.com"));

    let mut command = world.command(&["doctor"]);
    command.env("STYTCH_SECRET", "").env("STYTCH_CLIENT_ID", "").assert().success();
}

#[test]
fn advice_names_options_that_the_command_has() {
    bare(&["jwks", "show", "--project-id", "p", "--base-url", "http://127.0.0.1:1"])
        .assert()
        .code(14)
        .stderr(contains("--base-url"));
    bare(&["jwks", "show", "--project-id", "p", "--base-url", "http://emulator:4010"])
        .assert()
        .code(2)
        .stderr(contains("--base-url must be https"));
    let mut without = bare(&["jwks", "show", "--project-id", "p"]);
    without.env("SSL_CERT_FILE", "/nowhere").env("SSL_CERT_DIR", "/nowhere");
    let without = without.assert().code(14);
    if cfg!(target_os = "linux") {
        without.stderr(contains("SSL_CERT_FILE").and(contains("--ca-file")));
    }
    bare(&["jwks", "show", "--project-id", "p", "--ca-file", "nowhere.pem"])
        .assert()
        .code(1)
        .stderr(contains("cannot read nowhere.pem"));
}

#[test]
fn what_is_wrong_with_an_option_is_told_by_its_name() {
    let world = World::new();
    world.write("no.pem", "no certificate");
    let create = ["clients", "create", "--secret-file", "never"];
    let metadata = big();
    let cases: [(&[&str], &str); 5] = [
        (&["clients", "list", "--ca-file", "no.pem"], "--ca-file must contain PEM"),
        (&["clients", "list", "--timeout", "0"], "--timeout must be above zero"),
        (&[&create[..], &["--scope", "a b"]].concat(), "--scope contains an invalid scope"),
        (&[&create[..], &["--metadata", &metadata]].concat(), "--metadata must have at most"),
        (&["token", "verify", "--token-from", "no.pem", "--clock-tolerance", "999"], "--clock-tol"),
    ];
    for (arguments, told) in cases {
        world.command(arguments).assert().code(2).stderr(contains(told));
    }
}

/// More than a client may have.
fn big() -> String {
    format!(r#"{{"a":"{}"}}"#, "x".repeat(5_000))
}
