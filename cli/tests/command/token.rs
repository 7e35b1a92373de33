//! `token` and `jwks`

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;
use stytch_m2m_emulator::{TokenChanges, TokenRequest};

use crate::support::{ID, SECRET, World, all_of, bare, json};

impl World {
    fn token(&self) -> String {
        self.emulator.issue_token(&TokenRequest::new(ID)).unwrap()
    }
}

#[test]
fn a_token_is_fetched_and_verified() {
    let world = World::new();
    world.write("secret", SECRET);
    let from = ["--client-id", ID, "--secret-from", "secret"];
    let get = [&["token", "get", "--scope", "read:invoices", "--show-secret"], &from[..]].concat();
    let token = String::from_utf8(world.command(&get).output().unwrap().stdout).unwrap();

    let verify = |scope| {
        let arguments = ["token", "verify", "--scope", scope, "--output", "json"];
        let mut command = world.command(&arguments);
        command.write_stdin(token.clone());
        command
    };
    let claims = json(&verify("read:invoices").assert().success().get_output().stdout);
    assert_eq!(claims["client_id"], ID);
    assert_eq!(claims["scopes"], serde_json::json!(["read:invoices"]));
    let refused = verify("write:invoices").assert().code(13).get_output().clone();
    assert!(refused.stdout.is_empty());
    let error = &json(&refused.stderr)["error"];
    assert_eq!(error["code"], "insufficient_scope");
    assert_eq!(error["missing_scopes"], serde_json::json!(["write:invoices"]));
}

#[test]
fn a_token_shows_only_when_asked_for() {
    let world = World::new();
    let get = ["token", "get", "--client-id", ID];
    let run = |rest: &[&str]| {
        let mut command = world.command(&[&get, rest].concat());
        command.env("STYTCH_CLIENT_SECRET", SECRET).output().unwrap()
    };
    assert_eq!(run(&[]).status.code(), Some(2));
    let output = run(&["--token-file", "token"]);
    assert!(output.status.success());
    let token = world.read("token");
    assert_eq!(token.split('.').count(), 3);
    assert!(!all_of(&output).contains(&token) && !all_of(&output).contains(SECRET));
    assert_eq!(run(&["--token-file", "token"]).status.code(), Some(1));
}

#[test]
fn offline_with_a_key_set_in_a_file() {
    let world = World::new();
    let keys = world.json(&["jwks", "show"]);
    world.write("jwks.json", &keys.to_string());
    world.write("token", &world.token());
    let kid = keys["keys"][0]["kid"].as_str().unwrap();
    world.command(&["jwks", "show"]).assert().stdout(contains(kid).and(contains("RS256")));
    // A server that does not exist, so that any request would fail.
    let arguments = [
        "token",
        "verify",
        "--jwks",
        "jwks.json",
        "--token-from",
        "token",
        "--base-url",
        "http://127.0.0.1:1",
        "--project-id",
        world.emulator.project_id(),
    ];
    let offline = || {
        let mut command = bare(&arguments);
        command.current_dir(world.dir.path());
        command
    };
    offline().assert().success().stdout(contains("the token is valid").and(contains(ID)));
    world.emulator.rotate_keys();
    world.write("token", &world.token());
    offline().assert().code(12).stderr(contains("invalid_token"));
}

#[test]
fn wrong_tokens_say_why() {
    let world = World::new();
    let verify = |token: &str, more: &[&str]| {
        let all = [&["token", "verify", "--output", "json"], more].concat();
        let output = world.command(&all).write_stdin(token).output().unwrap();
        assert!(!all_of(&output).contains(token));
        (output.status.code(), json(&output.stderr)["error"]["reason"].clone())
    };
    let expired = TokenRequest::new(ID).changes(TokenChanges::expired());
    let expired = world.emulator.issue_token(&expired).unwrap();
    assert_eq!(verify(&expired, &[]), (Some(12), "expired".into()));
    assert_eq!(verify(&world.token(), &["--max-age", "0"]), (Some(12), "too_old".into()));
    assert_eq!(verify("nonsense", &[]), (Some(12), "malformed".into()));
    let verify = ["token", "verify", "--clock-tolerance", "301"];
    world.command(&verify).write_stdin(world.token()).assert().code(2);
}

#[test]
fn inspecting_verifies_nothing_and_says_so() {
    let world = World::new();
    let expired = TokenRequest::new(ID).changes(TokenChanges::expired());
    let token = world.emulator.issue_token(&expired).unwrap();
    let inspect = || {
        let mut command = bare(&["token", "inspect"]);
        command.env("STYTCH_ACCESS_TOKEN", &token);
        command
    };
    inspect()
        .assert()
        .success()
        .stdout(contains("NOT VERIFIED").and(contains(ID)).and(contains("exp is 20")))
        .stderr(contains("nothing was verified"));
    let output = inspect().args(["--output", "json"]).output().unwrap();
    let shown = json(&output.stdout);
    assert_eq!(shown["verified"], false);
    assert_eq!(shown["claims"]["sub"], ID);
    assert_eq!(shown["header"]["alg"], "RS256");
    bare(&["token", "inspect"]).write_stdin("a.b").assert().code(2);
}
