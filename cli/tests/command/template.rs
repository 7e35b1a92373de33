//! `template`, and what `doctor` says of the organization.

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;
use serde_json::{Value, json};
use stytch_m2m_emulator::{Emulator, Seed};
use tempfile::TempDir;

use crate::pty::Terminal;
use crate::support::{ID, SECRET, World, all_of, bare, json as parsed};

const PROJECT: &str = r#"{"org_id": {{ client.trusted_metadata.organization_id }}}"#;
const CALLER: &str = r#"{"org_id": {{ request.organization_id }}}"#;

/// A client of an organization, in a project with this template.
fn with_template(template: &str) -> World {
    let seed = json!({
        "clients": [
            { "client_id": ID, "client_secret": SECRET, "trusted_metadata": { "organization_id": "acme" } },
            { "client_id": "free", "client_secret": "canary-of-free-1" },
        ],
        "token_settings": { "custom_claims_template": Some(template).filter(|text| !text.is_empty()) },
    });
    let seed = Seed::parse(&seed.to_string()).unwrap();
    World {
        emulator: Emulator::builder().seed(seed).start().unwrap(),
        dir: TempDir::new().unwrap(),
    }
}

impl World {
    /// What opens the management API.
    fn workspace(&self) -> [(&'static str, String); 4] {
        let workspace = self.emulator.workspace();
        [
            ("STYTCH_PROJECT_SLUG", workspace.project_slug),
            ("STYTCH_ENVIRONMENT_SLUG", workspace.environment_slug),
            ("STYTCH_WORKSPACE_KEY_ID", workspace.key_id),
            ("STYTCH_WORKSPACE_KEY_SECRET", workspace.key_secret),
        ]
    }

    fn template(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&[&["template"], arguments].concat());
        command.envs(self.workspace());
        command
    }

    fn present(&self) -> String {
        self.emulator.token_settings().custom_claims_template.unwrap_or_default()
    }

    /// What `template check` finds, without a workspace key.
    fn checked(&self, client_id: &str, secret: &str) -> (i32, Value) {
        let check = ["template", "check", "--client-id", client_id, "--output", "json"];
        let mut command = self.command(&check);
        let output = command.env("STYTCH_CLIENT_SECRET", secret).output().unwrap();
        (output.status.code().unwrap(), parsed(&output.stdout))
    }
}

#[test]
fn the_template_is_shown_and_written_to_a_file() {
    let world = with_template(CALLER);
    let shown = world.template(&["show"]).assert().success();
    shown.stdout(
        contains(CALLER)
            .and(contains("custom audience: none"))
            .and(contains("which the caller sets")),
    );
    let output = world.template(&["show", "--output", "json"]).output().unwrap();
    let shown = parsed(&output.stdout);
    assert_eq!((&shown["template_content"], &shown["source"]), (&CALLER.into(), &"caller".into()));
    world.template(&["show", "--out", "template.json"]).assert().success();
    assert_eq!(world.read("template.json"), CALLER);
    world.template(&["set", "template.json", "--allow-caller-organization"]).assert().success();
    let secret = world.emulator.workspace().key_secret;
    assert!(!all_of(&output).contains(&secret));
}

#[test]
fn the_organization_is_added_to_the_present_template() {
    let world = with_template(r#"{"plan": {{ request.plan }}}"#);
    let dry = world.template(&["set", "--organization", "--dry-run"]).assert().code(20);
    dry.stdout(contains("org_id").and(contains("client.trusted_metadata.organization_id")));
    assert!(!world.present().contains("org_id"), "a dry run changes nothing");

    // Nobody can be asked.
    world.template(&["set", "--organization"]).assert().code(2).stderr(contains("--yes"));
    let set = ["set", "--organization", "--yes", "--custom-audience", "https://api.example.com"];
    world.template(&set).assert().success().stdout(contains("the template is set"));
    let expected =
        r#"{"plan": {{ request.plan }}, "org_id": {{ client.trusted_metadata.organization_id }}}"#;
    assert_eq!(world.present(), expected);
    let again = world.template(&["set", "--organization", "--yes"]).assert().success();
    again.stdout(contains("is so already"));
    let settings = world.emulator.token_settings();
    assert_eq!(settings.custom_audience.as_deref(), Some("https://api.example.com"));
    assert_eq!(world.emulator.counts()["workspace_set_template"], 1);
}

#[test]
fn a_template_that_drops_the_organization_is_told() {
    let world = with_template(PROJECT);
    world.write("template.json", r#"{"plan": "pro"}"#);
    let set = ["set", "template.json", "--dry-run"];
    world.template(&set).assert().code(20).stderr(contains("name no organization in org_id"));
    let mut command = world.template(&["show"]);
    let away = command.env("STYTCH_BASE_URL", "http://127.0.0.1:1");
    away.assert().code(10).stderr(contains("--base-url"));
}

#[test]
fn a_person_sees_the_difference_before_the_question() {
    let world = with_template("");
    let environment = world.environment().into_iter().chain(world.workspace());
    let set = ["template", "set", "--organization"];
    let mut terminal = Terminal::start(world.dir.path(), environment, &set);
    terminal.expect("Set this template for the M2M tokens of emulated-project/test?");
    terminal.enter("n");
    let (seen, code) = terminal.finish();
    assert_eq!(code, 130, "{seen}");
    let difference = seen.find("+   \"org_id\"").unwrap();
    assert!(difference < seen.find("Set this template").unwrap(), "{seen}");
    assert_eq!(world.present(), "");
}

#[test]
fn a_template_in_which_the_caller_chooses_the_organization_is_refused() {
    let world = with_template("");
    for (content, option) in [
        (CALLER, None),
        (r#"{"tenant": {{ request.t }}}"#, None),
        (r#"{"customer": {"id": {{ request.organization_id }}}}"#, None),
        (r#"{"account": {{ request.account }}}"#, Some("account")),
    ] {
        world.write("template.json", content);
        let mut arguments = vec!["set", "template.json", "--yes"];
        arguments.extend(option.into_iter().flat_map(|claim| ["--claim", claim]));
        let refused = world.template(&arguments).assert().code(6);
        refused.stderr(contains("request.").and(contains("--allow-caller-organization")));
        assert_eq!(world.present(), "", "{content}");
        assert_eq!(world.emulator.counts()["workspace_template"], 0, "nothing was asked");
        arguments.push("--allow-caller-organization");
        world.template(&arguments).assert().success();
        world.emulator.reset();
    }
    // One that is there already is not extended silently.
    let world = with_template(r#"{"tenant": {{ request.tenant }}}"#);
    world.template(&["set", "--organization", "--yes"]).assert().code(6).stderr(contains("tenant"));
}

#[test]
fn a_file_that_is_no_template_is_told_by_its_line() {
    let world = with_template("");
    for (content, line, what) in [
        ("no json", 1, "JSON object"),
        ("{\n  \"a\": {{ request.a }\n}", 2, "not closed"),
        ("{\n  \"a\": \"b\",\n}", 3, "JSON object"),
    ] {
        world.write("template.json", content);
        let refused = world.template(&["set", "template.json", "--yes"]).assert().code(2);
        let said =
            contains("template.json").and(contains(format!("line {line}: "))).and(contains(what));
        refused.stderr(said);
    }
    world.template(&["set", "nothing.json"]).assert().code(1);
    world.write("empty.json", "\n");
    world.template(&["set", "empty.json", "--yes"]).assert().code(2).stderr(contains("is empty"));
    world.template(&["set"]).assert().code(2);
    // What only Stytch knows.
    world.write("template.json", r#"{"sub": "me"}"#);
    let refused = world.template(&["set", "template.json", "--yes"]).assert().code(7);
    refused.stderr(contains("reserved"));
}

#[test]
fn wrong_keys_and_slugs_say_what_to_check() {
    let world = with_template("");
    let wrong = |name: &str, value: &str, code: i32| {
        let mut command = world.template(&["show"]);
        let output = command.env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", all_of(&output));
        all_of(&output)
    };
    let said = wrong("STYTCH_WORKSPACE_KEY_SECRET", "canary-wrong", 3);
    assert!(said.contains("workspace key") && !said.contains("canary"), "{said}");
    assert!(
        wrong("STYTCH_WORKSPACE_KEY_ID", world.emulator.project_id(), 2)
            .contains("--workspace-key-id")
    );
    assert!(wrong("STYTCH_PROJECT_SLUG", "other", 5).contains("other"));
    assert!(wrong("STYTCH_ENVIRONMENT_SLUG", "live", 5).contains("live"));
    assert!(wrong("STYTCH_PROJECT_SLUG", "a/b", 2).contains("--project-slug"));
    assert!(wrong("STYTCH_MANAGEMENT_URL", "http://127.0.0.1:1", 10).contains("--management-url"));
    // The slugs of another project would change that one's tokens.
    assert!(wrong("STYTCH_PROJECT_ID", "project-test-other", 6).contains("project-test-other"));
    for name in ["STYTCH_PROJECT_SLUG", "STYTCH_WORKSPACE_KEY_ID", "STYTCH_WORKSPACE_KEY_SECRET"] {
        assert!(wrong(name, "", 2).contains(name), "{name}");
    }
}

#[test]
fn with_an_emulator_the_management_api_is_its_own() {
    let world = with_template(PROJECT);
    world.template(&["show"]).assert().success();
    // A profile's workspace, and none of the environment's.
    let (id, url) = (world.emulator.project_id(), world.emulator.base_url());
    let workspace = world.emulator.workspace();
    world.write("key", &workspace.key_secret);
    let key = world.path("key");
    let profiles = json!({ "profiles": { "here": {
        "project_id": id,
        "base_url": url,
        "workspace": {
            "project_slug": workspace.project_slug,
            "environment_slug": workspace.environment_slug,
            "key_id": workspace.key_id,
            "secret": { "file": key },
        },
    } } });
    world.write("profiles.yaml", &profiles.to_string());
    let mut command = bare(&["template", "show", "--profile", "here"]);
    command.env("STYTCH_CONFIG", world.path("profiles.yaml"));
    for (name, _) in world.workspace() {
        command.env(name, "another");
    }
    command.assert().success().stdout(contains("organization_id"));
}

#[test]
fn a_token_shows_who_chooses_its_organization() {
    let world = with_template(PROJECT);
    let (code, found) = world.checked(ID, SECRET);
    assert_eq!((code, &found["source"]), (0, &json!("project")), "{found}");
    assert_eq!(found["organization"], "acme");
    let (code, found) = world.checked("free", "canary-of-free-1");
    assert_eq!((code, &found["source"]), (20, &json!("absent")), "{found}");

    let world = with_template(CALLER);
    let (code, found) = world.checked(ID, SECRET);
    assert_eq!((code, &found["source"]), (20, &json!("caller")), "{found}");
    assert_eq!(found["followed_parameters"], json!(["organization_id"]));

    // Another claim that a caller chooses is told.
    let world = with_template(
        r#"{"org_id": {{ client.trusted_metadata.organization_id }}, "tenant": {{ request.tenant }}}"#,
    );
    let (code, found) = world.checked(ID, SECRET);
    assert_eq!((code, &found["source"]), (0, &json!("project")), "{found}");
    assert_eq!(found["other_claims_of_the_caller"], json!(["tenant"]));
}

#[test]
fn a_token_is_verified_for_its_organization() {
    let world = with_template(PROJECT);
    let get = ["token", "get", "--client-id", ID, "--token-file", "token"];
    world.command(&get).env("STYTCH_CLIENT_SECRET", SECRET).assert().success();
    let verify = |organization: &str| {
        let verify = ["token", "verify", "--token-from", "token", "--organization", organization];
        world.command(&verify).assert()
    };
    verify("acme").success().stdout(contains("organization").and(contains("acme")));
    verify("other").code(13).stderr(contains("organization"));
}

#[test]
fn the_template_decides_where_tokens_do_not_show_it() {
    // A parameter that nobody would guess, as an object.
    let world = with_template(r#"{"org_id": {{ request.context.customer }}}"#);
    let (code, found) = world.checked(ID, SECRET);
    assert_eq!((code, &found["source"]), (20, &json!("absent")), "{found}");
    let check = ["check", "--client-id", ID, "--output", "json"];
    let run = |world: &World| {
        let mut command = world.template(&check);
        let output = command.env("STYTCH_CLIENT_SECRET", SECRET).output().unwrap();
        (output.status.code().unwrap(), parsed(&output.stdout))
    };
    let (code, found) = run(&world);
    assert_eq!((code, &found["source"]), (20, &json!("caller")), "{found}");
    let (code, found) = run(&with_template(r#"{"org_id": "acme"}"#));
    assert_eq!((code, &found["source"]), (0, &json!("fixed")), "{found}");
    let (code, found) = run(&with_template(PROJECT));
    assert_eq!((code, &found["by_template"]), (0, &json!("project")), "{found}");
}

#[test]
fn what_could_not_be_tried_is_not_taken_for_safe() {
    // With another parameter the claims exceed what a token may have.
    let filler = "x".repeat(4010);
    let world = with_template(&format!(
        r#"{{"filler": "{filler}", "org_id": {{{{ client.trusted_metadata.organization_id }}}}, "t": {{{{ request.tenant }}}}}}"#
    ));
    let (code, found) = world.checked(ID, SECRET);
    assert_eq!((code, &found["source"]), (20, &json!("unknown")), "{found}");
    let mut command = world.template(&["check", "--client-id", ID]);
    command.env("STYTCH_CLIENT_SECRET", SECRET);
    command.assert().success().stdout(contains("chosen by: the project"));
}

#[test]
fn the_log_names_neither_slugs_nor_secrets() {
    let world = with_template(PROJECT);
    let output = world.template(&["show", "-v"]).output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    let workspace = world.emulator.workspace();
    assert!(log.contains("{project_slug}") && log.contains("get_jwt_template"), "{log}");
    for hidden in [&workspace.project_slug, &workspace.key_id, &workspace.key_secret] {
        assert!(!log.contains(hidden.as_str()), "{log}");
    }
}

#[test]
fn a_check_says_what_to_do() {
    let world = with_template(PROJECT);
    let check = |world: &World, client_id: &str, more: &[&str]| {
        let mut command = world.template(&[&["check", "--client-id", client_id], more].concat());
        command
            .env("STYTCH_CLIENT_SECRET", if client_id == ID { SECRET } else { "canary-of-free-1" });
        command.assert()
    };
    check(&world, ID, &["--organization", "acme"]).success().stdout(contains("organization: acme"));
    check(&world, ID, &["--organization", "other"]).code(20).stderr(contains("acme, not other"));
    check(&world, "free", &[]).code(20).stdout(contains("clients update free --organization"));
    let number = ["clients", "update", "free", "--metadata", r#"{"organization_id": 42}"#];
    world.command(&number).assert().success();
    check(&world, "free", &[]).code(12).stderr(contains("clients update free --organization"));
    let world = with_template(CALLER);
    check(&world, ID, &[]).code(20).stdout(contains("template set --organization"));
    let world = with_template("");
    check(&world, ID, &[]).code(20).stdout(contains("no claim org_id"));
    let mut wrong = world.template(&["check", "--client-id", ID]);
    wrong.env("STYTCH_CLIENT_SECRET", "wrong").assert().code(3);
}

#[test]
fn doctor_says_who_chooses_the_organization() {
    let run = |template: &str, with_key: bool| {
        let world = with_template(template);
        let mut command = world.command(&["doctor", "--client-id", ID, "--output", "json"]);
        if with_key {
            command.envs(world.workspace());
        }
        let output = command.env("STYTCH_CLIENT_SECRET", SECRET).output().unwrap();
        let checks = parsed(&output.stdout);
        let checks = checks.as_array().unwrap();
        let status = |name: &str| {
            let check = checks.iter().find(|check| check["check"] == name).unwrap();
            check["status"].as_str().unwrap().to_owned()
        };
        (output.status.code().unwrap(), status("token template"), status("organization"))
    };
    let found = |code, template: &str, organization: &str| {
        (code, template.to_owned(), organization.to_owned())
    };
    assert_eq!(run(PROJECT, true), found(0, "ok", "ok"));
    assert_eq!(run(PROJECT, false), found(0, "skipped", "ok"));
    assert_eq!(run("", false), found(0, "skipped", "skipped"));
    assert_eq!(run(CALLER, false), found(20, "skipped", "failed"));
    assert_eq!(run(CALLER, true), found(20, "failed", "failed"));
}
