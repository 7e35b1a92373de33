//! `token` and `jwks`

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;
use stytch_m2m_emulator::{Seed, TokenChanges, TokenRequest};

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

/// A seed with a client that signs, and its private key as PEM.
fn signing_client() -> (Seed, String) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der = STANDARD.encode(pair.to_pkcs8v1().unwrap().as_ref());
    // 0x04, then the coordinates.
    let point = pair.public_key().as_ref();
    let jwk = serde_json::json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    });
    let client = serde_json::json!({
        "client_id": "signing", "scopes": ["read:invoices"], "jwks": { "keys": [jwk] },
    });
    let seed = serde_json::json!({ "clients": [client] });
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n");
    (Seed::parse(&seed.to_string()).unwrap(), pem)
}

#[test]
fn a_client_with_a_key_gets_a_token_from_an_issuer() {
    let world = World::new();
    let (seed, pem) = signing_client();
    world.emulator.load(seed).unwrap();
    world.write("key.pem", &pem);
    let issuer = world.emulator.base_url();
    let elsewhere = |rest: &[&str]| {
        let get = ["token", "get", "--issuer", issuer, "--client-id", "signing", "--show-secret"];
        let mut command = bare(&[&get, rest].concat());
        command.current_dir(world.dir.path()).output().unwrap()
    };
    let output =
        elsewhere(&["--private-key-from", "key.pem", "--audience", "https://api.example.com"]);
    assert!(output.status.success(), "{}", all_of(&output));
    world.write("token", &String::from_utf8(output.stdout).unwrap());
    let claims = world.json(&["token", "inspect", "--token-from", "token"]);
    assert!(claims["claims"]["aud"].to_string().contains("https://api.example.com"), "{claims}");

    // Another client's key; a secret where the client has none; no credential.
    world.write("other.pem", &signing_client().1);
    let refused = elsewhere(&["--private-key-from", "other.pem"]);
    assert_eq!(refused.status.code(), Some(3), "{}", all_of(&refused));
    assert!(!all_of(&refused).contains("PRIVATE"));
    world.write("secret", "a-secret-that-it-has-not");
    let refused = elsewhere(&["--secret-from", "secret", "--client-auth", "client_secret_basic"]);
    assert_eq!(refused.status.code(), Some(3), "{}", all_of(&refused));
    assert!(all_of(&refused).contains("private_key_jwt"), "{}", all_of(&refused));
    let missing = elsewhere(&[]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(all_of(&missing).contains("--secret-from"), "{}", all_of(&missing));
    let both = elsewhere(&["--private-key-from", "key.pem", "--secret-from", "secret"]);
    assert_eq!(both.status.code(), Some(2), "{}", all_of(&both));
}

#[test]
fn a_secret_is_sent_by_the_method_that_is_named() {
    let world = World::new();
    world.write("secret", SECRET);
    for method in ["client_secret_post", "client_secret_basic"] {
        let from = ["--client-id", ID, "--secret-from", "secret", "--client-auth", method];
        let get = [&["token", "get", "--show-secret"], &from[..]].concat();
        world.command(&get).assert().success();
    }
    let unknown = ["token", "get", "--client-id", ID, "--client-auth", "secret", "--show-secret"];
    world.command(&unknown).assert().code(2).stderr(contains("private_key_jwt"));
    let file = world.path("secret");
    let mut command = world.command(&["token", "get", "--client-id", ID, "--show-secret"]);
    command.env("STYTCH_CLIENT_SECRET_FILE", file).assert().success();
    command.env("STYTCH_CLIENT_SECRET", SECRET).assert().code(2).stderr(contains("not both"));
}

#[test]
fn an_option_goes_before_the_environment() {
    let world = World::new();
    let (seed, pem) = signing_client();
    world.emulator.load(seed).unwrap();
    world.write("key.pem", &pem);
    world.write("secret", SECRET);
    let get = ["token", "get", "--client-id", "signing", "--show-secret"];
    let rest = ["--issuer", world.emulator.base_url(), "--private-key-from", "key.pem"];
    let mut command = world.command(&[&get[..], &rest].concat());
    // Neither another server nor a secret, which that of the option would not know.
    command.env("STYTCH_TOKEN_URL", "http://127.0.0.1:1/token");
    command.env("STYTCH_CLIENT_SECRET_FILE", world.path("secret")).assert().success();
}

#[test]
fn the_environment_names_no_other_server_than_a_profiles() {
    let world = World::new();
    let (id, url) = (world.emulator.project_id(), world.emulator.base_url());
    world.write(
        "profiles.yaml",
        &format!("profiles:\n  here:\n    project_id: {id}\n    base_url: {url}\n"),
    );
    world.write("secret", SECRET);
    let from = ["--profile", "here", "--client-id", ID, "--secret-from", "secret"];
    let mut command = bare(&[&["token", "get", "--show-secret"], &from[..]].concat());
    command.current_dir(world.dir.path()).env("STYTCH_CONFIG", world.path("profiles.yaml"));
    command.env("STYTCH_TOKEN_URL", "http://127.0.0.1:1/token").assert().success();
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
