//! `secrets rotate run` of many clients.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;
use stytch_m2m_emulator::{ClientSeed, Effect, Emulator, Fault, Operation, RateLimit, Seed};
use tempfile::TempDir;

use crate::support::{World, json};

const RUN: [&str; 4] = ["secrets", "rotate", "run", "--all"];
const STORE: [&str; 2] = ["--store-command", "cat > \"kept-$STYTCH_CLIENT_ID\""];

fn world(count: usize) -> World {
    let mut seed = Seed::default();
    let client = |n| ClientSeed::new(format!("client-{n}"), format!("canary-secret-{n}"), ["a"]);
    seed.clients = (0..count).map(client).collect();
    World {
        emulator: Emulator::builder().seed(seed).start().unwrap(),
        dir: TempDir::new().unwrap(),
    }
}

impl World {
    /// Does for each client what the command asks of a person after a kill in the store command.
    fn settle_doubts(&self, count: usize) {
        let output = self.rotate(&STORE).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap().replace('\n', " ");
        for id in (0..count).map(|n| format!("client-{n}")).filter(|id| text.contains(&**id)) {
            let kept = format!("kept-{id}");
            let finish = ["secrets", "rotate", "finish", &id, "--secret-from", &kept];
            if self.path(&kept).exists() && self.command(&finish).output().unwrap().status.success()
            {
                continue;
            }
            self.command(&["secrets", "rotate", "cancel", &id]).assert().success();
        }
    }

    fn rotate(&self, more: &[&str]) -> assert_cmd::Command {
        self.command(&[&RUN[..], more].concat())
    }
}

#[test]
fn each_secret_is_stored_proven_and_the_only_one() {
    let world = world(5);
    world.command(&["clients", "deactivate", "client-4"]).assert().success();
    world.rotate(&STORE).assert().success().stdout(contains("rotated: 4 of 4"));
    for n in 0..4 {
        let (id, secret) = (format!("client-{n}"), world.read(&format!("kept-client-{n}")));
        assert!(world.works(&id, &secret), "{id}");
        assert!(!world.works(&id, &format!("canary-secret-{n}")), "{id}");
    }
    assert!(!world.path("rotation.journal").exists(), "it is done, and the next run starts anew");
    world.rotate(&["--secrets-dir", "next"]).assert().success();
    assert!(world.works("client-0", &world.read("next/client-0.secret")));
    assert!(!world.path("kept-client-4").exists());
}

#[test]
fn those_in_a_file_are_rotated_and_no_others() {
    let world = world(3);
    world.write("ids", "client-1\n\nclient-2\nclient-1\n");
    let run = ["secrets", "rotate", "run", "--from", "ids", "--secrets-dir", "next", "-o", "json"];
    let found = json(&world.command(&run).assert().success().get_output().stdout);
    assert_eq!(found["rotated"], 2);
    assert!(world.works("client-0", "canary-secret-0"));
    world.write("ids", "client-9\nclient-0\n");
    let run = ["secrets", "rotate", "run", "--from", "ids", "--secrets-dir", "last"];
    world.command(&run).assert().code(20).stdout(contains("client-9").and(contains("1 of 2")));
    assert!(world.path("ids.journal").exists());
}

#[test]
fn it_goes_on_after_being_killed_anywhere() {
    let world = world(6);
    for kill in 0..6 {
        let before = world.emulator.counts();
        let mut run = std::process::Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        run.args(RUN).args(STORE).envs(world.environment()).current_dir(world.dir.path());
        run.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = run.spawn().unwrap();
        let at = ["rotate_start", "rotate", "token"][kill % 3];
        world.until(|| {
            world.emulator.counts()[at] > before[at] || child.try_wait().unwrap().is_some()
        });
        let _ = child.kill();
        child.wait().unwrap();
    }
    world.settle_doubts(6);
    world.rotate(&STORE).assert().success();
    for n in 0..6 {
        let secret = world.read(&format!("kept-client-{n}"));
        assert!(world.works(&format!("client-{n}"), &secret), "client-{n}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_the_store_command_may_have_stored_is_never_cancelled() {
    let world = world(2);
    let killed = "cat > \"kept-$STYTCH_CLIENT_ID\"; kill -9 $PPID";
    let output = world.rotate(&["--store-command", killed]).output().unwrap();
    assert!(!output.status.success());
    let stored = world.read("kept-client-0");
    assert!(world.works("client-0", &stored), "callers may use it already");
    let output = world.rotate(&STORE).assert().code(20);
    output.stdout(contains("client-0").and(contains("secrets rotate finish")));
    assert!(world.works("client-0", &stored), "it is in use, and was not cancelled");
    assert!(world.works("client-1", &world.read("kept-client-1")), "the others go on");
    let finish = ["secrets", "rotate", "finish", "client-0", "--secret-from", "kept-client-0"];
    world.command(&finish).assert().success();
    world.rotate(&STORE).assert().success().stdout(contains("rotated: 2 of 2"));
    assert_eq!(world.read("kept-client-0"), stored, "it was rotated once");
}

#[test]
fn a_rotation_of_somebody_else_is_left_alone() {
    let world = world(2);
    let start = ["secrets", "rotate", "start", "client-0", "--secret-file", "theirs"];
    world.command(&start).assert().success();
    let output = world.rotate(&STORE).assert().code(20);
    output.stdout(contains("client-0").and(contains("under way that this did not begin")));
    assert!(world.works("client-0", &world.read("theirs")), "it stays as it was");
    assert!(world.works("client-0", "canary-secret-0"));
    assert!(world.works("client-1", &world.read("kept-client-1")));
    let finish = ["secrets", "rotate", "finish", "client-0", "--secret-from", "theirs"];
    world.command(&finish).assert().success();
    world.rotate(&STORE).assert().success();
}

#[test]
fn a_store_that_fails_costs_no_secret_and_stops_it() {
    let world = world(5);
    let broken = ["--store-command", "cat > /dev/null; exit 3"];
    let stopped = world.rotate(&broken).assert().code(20);
    let stopped =
        stopped.stderr(contains("3 clients in a row").and(contains("same command again")));
    stopped.stdout(contains("cancelled, and the current secret works"));
    for n in 0..5 {
        assert!(world.works(&format!("client-{n}"), &format!("canary-secret-{n}")));
    }
    world.rotate(&STORE).assert().success().stdout(contains("rotated: 5 of 5"));
}

#[test]
fn limits_are_waited_out_and_told() {
    let world = world(3);
    let limit = RateLimit { requests: 2, per_seconds: 1.try_into().unwrap() };
    world.emulator.set_rate_limit(Some(limit));
    let output = world.rotate(&STORE).assert().success();
    output.stdout(contains("rotated: 3 of 3"));
    world.emulator.set_rate_limit(None);
    let asks = Fault::new(Effect::rate_limited(1)).at(Operation::RotateStart).times(6);
    world.emulator.add_fault(asks).unwrap();
    let mut slow = world.rotate(&["--secrets-dir", "next", "--timeout", "1"]);
    slow.assert().success().stderr(contains("Stytch asks for 1 s"));
}

/// Secrets are never overwritten, so the command could be repeated for ever.
#[test]
fn a_folder_with_secrets_of_an_earlier_rotation_is_refused_before_anything_is_begun() {
    let world = world(3);
    world.rotate(&["--secrets-dir", "next"]).assert().success();
    let before = world.emulator.counts()["rotate_start"];
    let again = world.rotate(&["--secrets-dir", "next"]).assert().code(2);
    again.stderr(contains("such files there: 3").and(contains("another --secrets-dir")));
    assert_eq!(world.emulator.counts()["rotate_start"], before);
    assert!(!world.path("rotation.journal").exists());
    world.rotate(&["--secrets-dir", "other"]).assert().success();
}

#[test]
fn comments_in_the_list_of_ids_are_no_ids() {
    let world = world(1);
    world.write("ids", "# those of billing\nclient-0\n  # and no more\n");
    let run = ["secrets", "rotate", "run", "--from", "ids", "--secrets-dir", "next"];
    world.command(&run).assert().success().stdout(contains("rotated: 1 of 1"));
}

#[test]
fn an_inactive_client_among_many_is_left_out_and_named() {
    let world = world(2);
    world.command(&["clients", "deactivate", "client-0"]).assert().success();
    world.write("ids", "client-0\nclient-1\n");
    let run = ["secrets", "rotate", "run", "--from", "ids", "--secrets-dir", "next"];
    let output = world.command(&run).assert().code(20);
    output.stdout(contains("clients activate client-0").and(contains("rotated: 1 of 2")));
    assert_eq!(world.emulator.counts()["rotate_start"], 1);
}

/// What fails for all ends it, with its own exit code, and the report says what was done.
#[test]
fn what_ends_the_rotation_of_many_leaves_a_report() {
    let world = world(3);
    let refused = Fault::new(Effect::status(403)).at(Operation::RotateStart).times(1);
    world.emulator.add_fault(refused).unwrap();
    let output = world.rotate(&["--secrets-dir", "next", "-o", "json"]).assert().code(4);
    let report = json(&output.get_output().stdout);
    let states = report["clients"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["failed", "not_reached", "not_reached"]);
    assert_eq!(report["not_reached"], 2);
    world.rotate(&["--secrets-dir", "next"]).assert().success();
}

#[test]
fn wrong_usage_of_many() {
    let world = world(1);
    for wrong in [
        &["secrets", "rotate", "run", "--all"][..],
        &["secrets", "rotate", "run", "client-0", "--all", "--secrets-dir", "n"],
        &["secrets", "rotate", "run", "--all", "--secret-file", "n"],
        &["secrets", "rotate", "run", "client-0", "--secrets-dir", "n"],
        &["secrets", "rotate", "run", "--all", "--secrets-dir", "n", "--pause", "-1"],
        &["secrets", "rotate", "run", "--secrets-dir", "n"],
    ] {
        world.command(wrong).assert().code(2);
    }
    world.write("rotation.journal", "not a journal\n");
    world.rotate(&STORE).assert().code(2).stderr(contains("not the journal"));
}
