//! The operator's story, whole: 300 awkward clients from the plan to the undo, with every exit code.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stytch_m2m::{IssuerConfig, TokenVerifier, TokenVerifierConfig, Vertical};
use stytch_m2m_emulator::{ClientSeed, Effect, Emulator, Fault, Operation, Seed};
use tempfile::TempDir;

use super::support::{API, PLAN, api, client, grant, secret_of, text_of};

const PLAIN: usize = 190;

/// Stytch and Auth0, each an emulator of its own, so that the tenant can change.
struct Story {
    stytch: Emulator,
    auth0: Emulator,
    dir: TempDir,
}

fn id(n: usize) -> String {
    format!("client-{n:03}")
}

fn ten(kind: &str) -> impl Iterator<Item = String> + use<'_> {
    (0..10).map(move |n| format!("{kind}-{n}"))
}

/// The tenant, after `change`.
fn tenant(change: impl FnOnce(&mut Vec<Value>, &mut Vec<Value>)) -> Seed {
    let mut clients: Vec<Value> = (0..PLAIN).map(|n| client(&id(n))).collect();
    let mut grants: Vec<Value> =
        (0..PLAIN).map(|n| grant(&id(n), API, &["read:invoices"])).collect();
    let mut add = |one: Value, granted: bool| {
        let client_id = one["client_id"].as_str().unwrap().to_owned();
        clients.push(one);
        if granted {
            grants.push(grant(&client_id, API, &["read:invoices", "write:invoices"]));
        }
    };
    for n in 0..10 {
        add(client(&format!("-h{n}")), true);
    }
    for id in ten("forged") {
        let mut one = client(&id);
        one["name"] = "A\nadmin  Admin  imported\u{202e}".into();
        add(one, true);
    }
    for id in ten("key") {
        let mut one = client(&id);
        one["client_authentication_methods"] = json!({ "private_key_jwt": { "credentials": [] } });
        add(one, true);
    }
    for id in ten("page") {
        let mut one = client(&id);
        one["grant_types"] = json!(["authorization_code"]);
        add(one, true);
    }
    for id in ten("short") {
        let mut one = client(&id);
        one["client_secret"] = "short".into();
        add(one, true);
    }
    for id in ten("idle").chain(ten("unused")) {
        add(client(&id), false);
    }
    for id in ten("big") {
        let mut one = client(&id);
        one["client_metadata"] = json!({ "a": "x".repeat(5_000) });
        add(one, true);
    }
    for id in ten("taken").chain(ten("wide")) {
        add(client(&id), true);
    }
    for id in ten("people") {
        add(client(&id), false);
    }
    for id in ten("people") {
        let mut one = grant(&id, API, &["read:invoices"]);
        one["subject_type"] = "user".into();
        grants.push(one);
    }
    assert_eq!(clients.len(), 300);
    change(&mut clients, &mut grants);
    let tenant = json!({
        "clients": clients,
        "client_grants": grants,
        "resource_servers": [api(API, &["read:invoices", "write:invoices"])],
    });
    Seed::parse(&json!({ "auth0": tenant }).to_string()).unwrap()
}

impl Story {
    fn new() -> Self {
        let mut seed = Seed::default();
        let taken = |id: String| ClientSeed::new(id, "a-secret-of-somebody-else", ["read:other"]);
        seed.clients = ten("taken").map(taken).collect();
        let auth0 = Emulator::builder().seed(tenant(|_, _| {})).start().unwrap();
        let stytch = Emulator::builder().seed(seed).start().unwrap();
        Self { stytch, auth0, dir: TempDir::new().unwrap() }
    }

    fn environment(&self) -> [(&'static str, String); 6] {
        let tenant = self.auth0.auth0();
        [
            ("STYTCH_PROJECT_ID", self.stytch.project_id().to_owned()),
            ("STYTCH_SECRET", self.stytch.secret().to_owned()),
            ("STYTCH_BASE_URL", self.stytch.base_url().to_owned()),
            ("AUTH0_DOMAIN", tenant.issuer),
            ("AUTH0_CLIENT_ID", tenant.client_id),
            ("AUTH0_CLIENT_SECRET", tenant.client_secret),
        ]
    }

    /// What the command writes in JSON; it must end with `code`.
    fn run(&self, arguments: &[&str], code: i32) -> Value {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        command.args(arguments).args(["-o", "json"]).current_dir(self.dir.path());
        let output = command.envs(self.environment()).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text_of(&output));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    fn auth0(&self, arguments: &[&str], code: i32) -> Value {
        self.run(&[&["auth0"], arguments].concat(), code)
    }

    fn at_stytch(&self) -> BTreeSet<String> {
        let listed = self.run(&["clients", "list", "--query", "[].client_id"], 0);
        serde_json::from_value(listed).unwrap()
    }

    fn works(&self, client_id: &str, secret: &str) -> bool {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        command.args(["token", "get", "--client-id", client_id, "--show-secret"]);
        command.env("STYTCH_CLIENT_SECRET", secret).envs(self.environment());
        command.output().unwrap().status.success()
    }
}

fn states(report: &Value, state: &str) -> BTreeSet<String> {
    let clients = report["clients"].as_array().unwrap().iter();
    let found = clients.filter(|one| one["state"] == state);
    found.map(|one| one["client_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn three_hundred_awkward_clients() {
    let story = Story::new();
    // 1. The plan says what the import would refuse.
    let planned = story.auth0(&["plan", "--out", PLAN], 0);
    assert_eq!(planned["counts"]["conflict"], 10);
    let reasons = planned["reasons"].as_object().unwrap();
    for (reason, count) in
        [("private_key", 10), ("not_m2m", 10), ("short_secret", 10), ("metadata_too_large", 10)]
    {
        assert_eq!(reasons[reason], count, "{reasons:?}");
    }
    assert_eq!((&reasons["no_grant"], &reasons["user_only"]), (&json!(20), &json!(10)));
    let to_import = planned["counts"]["import"].as_u64().unwrap();

    // 2. Access is taken away before the import.
    let revoked = |clients: &mut Vec<Value>, grants: &mut Vec<Value>| {
        grants.retain(|one| {
            !["client-000", "client-001"].contains(&one["client_id"].as_str().unwrap())
        });
        clients[2]["grant_types"] = json!(["authorization_code"]);
        clients[3]["client_authentication_methods"] = json!({ "private_key_jwt": {} });
    };
    story.auth0.load(tenant(revoked)).unwrap();

    // 3. The import, under faults.
    for (operation, effect) in [
        (Operation::Create, Effect::DropAnswer),
        (Operation::Create, Effect::status(503)),
        (Operation::Create, Effect::rate_limited(1)),
        (Operation::Get, Effect::Reset),
    ] {
        story.stytch.add_fault(Fault::new(effect).at(operation).times(5)).unwrap();
    }
    let report = story.auth0(&["import", PLAN, "--report", "report.json"], 20);
    let four: BTreeSet<String> = (0..4).map(id).collect();
    assert_eq!(states(&report, "changed"), four);
    assert_eq!(states(&report, "conflict"), ten("taken").collect());
    assert_eq!(report["counts"]["imported"].as_u64().unwrap(), to_import - 4);
    assert!(four.is_disjoint(&story.at_stytch()), "what Auth0 took away is not given at Stytch");
    let status = story.auth0(&["status", PLAN], 0);
    assert_eq!(status["counts"], report["counts"], "one vocabulary");

    // 4. Conflicts are resolved; what Auth0 took away is planned anew.
    let report = story.auth0(&["import", PLAN, "--on-conflict", "take-auth0"], 20);
    assert_eq!(states(&report, "updated"), ten("taken").collect());
    story.auth0(&["plan", "--out", PLAN, "--force"], 0);
    story.auth0(&["import", PLAN], 0);
    let proof = story.auth0(&["verify", PLAN], 0);
    assert_eq!(proof["failed"], 0);

    // 5. The callers move: one verifier takes the tokens of both.
    let (project, url) = (story.stytch.project_id(), story.stytch.base_url());
    let both = vec![
        IssuerConfig::auth0(story.auth0.base_url(), API).unwrap(),
        IssuerConfig::stytch(project, Some(url), Vertical::Consumer).unwrap(),
    ];
    TokenVerifier::new(TokenVerifierConfig { issuers: both, ..Default::default() }).unwrap();
    for client_id in ["client-010", "-h3", "taken-0", "wide-4"] {
        assert!(story.works(client_id, &secret_of(client_id)), "{client_id}");
    }

    // 6. Access that is taken away later shows in the next plan.
    let later = |clients: &mut Vec<Value>, grants: &mut Vec<Value>| {
        revoked(clients, grants);
        grants.retain(|one| one["client_id"] != "client-100");
    };
    story.auth0.load(tenant(later)).unwrap();
    let planned = story.auth0(&["plan", "--out", "later.yaml"], 0);
    assert_eq!(planned["counts"]["orphan"], 1);

    // 7. Fifty secrets are rotated at once.
    let fifty: Vec<String> = (50..100).map(id).collect();
    std::fs::write(story.dir.path().join("ids"), fifty.join("\n")).unwrap();
    let rotate = ["secrets", "rotate", "run", "--from", "ids", "--secrets-dir", "next"];
    assert_eq!(story.run(&rotate, 0)["rotated"], 50);
    let next = std::fs::read_to_string(story.dir.path().join("next/client-050.secret")).unwrap();
    assert!(story.works("client-050", next.trim_end()));
    assert!(!story.works("client-050", &secret_of("client-050")));

    // 8. The import is taken back: only what it made, and what is unchanged.
    story.auth0(&["undo", PLAN, "--dry-run"], 20);
    let before = story.at_stytch();
    story.auth0(&["undo", PLAN], 2);
    assert_eq!(story.at_stytch(), before, "nobody was asked, so nothing is deleted");
    let report = story.auth0(&["undo", PLAN, "--yes"], 20);
    // What was rotated since, and what was there before the import and made equal to Auth0's.
    assert_eq!(states(&report, "kept"), fifty.into_iter().chain(ten("taken")).collect());
    let left = story.at_stytch();
    assert!(left.contains("client-050") && left.contains("taken-0"), "{left:?}");
    assert!(!left.contains("client-020") && !left.contains("-h3"), "{left:?}");
    // 9. And what is at Stytch decides, not the journal: it is imported again.
    let report = story.auth0(&["import", PLAN, "--on-conflict", "keep"], 20);
    assert!(states(&report, "imported").contains("client-020"));
    assert!(story.works("client-020", &secret_of("client-020")));
}
