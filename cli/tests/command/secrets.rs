//! `secrets rotate`

use std::process::{Command, Stdio};

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;
use stytch_m2m_emulator::{Effect, Fault, Operation};

use crate::support::{ID, SECRET, World, all_of, json};

const ROTATE: [&str; 2] = ["secrets", "rotate"];
const NEXT: &str = "STYTCH_NEXT_CLIENT_SECRET";

fn rotate<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    [&ROTATE, rest].concat()
}

#[test]
fn in_steps() {
    let world = World::new();
    let started = world.json(&rotate(&["start", ID, "--secret-file", "next"]));
    assert!(started["next_client_secret_last_four"].is_string());
    assert!(started.get("next_client_secret").is_none());
    let next = world.read("next");
    assert!(world.works(ID, SECRET) && world.works(ID, &next));
    world.command(&rotate(&["start", ID, "--show-secret"])).assert().code(6);

    let finished = world.json(&rotate(&["finish", ID, "--secret-from", "next"]));
    assert!(finished["next_client_secret_last_four"].is_null());
    assert!(!world.works(ID, SECRET) && world.works(ID, &next));
}

#[test]
fn cancelled_and_recovered() {
    let world = World::new();
    let lost = world.json(&rotate(&["start", ID, "--show-secret"]));
    let recovered = world.json(&rotate(&["start", ID, "--show-secret", "--recover"]));
    let secret = |of: &serde_json::Value| of["next_client_secret"].as_str().unwrap().to_owned();
    assert!(!world.works(ID, &secret(&lost)) && world.works(ID, &secret(&recovered)));
    world.json(&rotate(&["cancel", ID]));
    assert!(world.works(ID, SECRET) && !world.works(ID, &secret(&recovered)));
    world.command(&rotate(&["cancel", ID])).assert().code(6);
}

#[test]
fn a_secret_that_is_not_the_next_one_ends_no_rotation() {
    let world = World::new();
    let next = world.json(&rotate(&["start", ID, "--show-secret"]));
    let next = next["next_client_secret"].as_str().unwrap();
    // The current secret is what this variable holds, so that it is not even looked at.
    let mut finish = world.command(&rotate(&["finish", ID]));
    finish.env("STYTCH_CLIENT_SECRET", next).assert().code(2).stderr(contains(NEXT));
    let mut finish = world.command(&rotate(&["finish", ID]));
    let refused = finish.env(NEXT, SECRET).assert().code(6);
    refused.stderr(contains("this is the current secret").and(contains("stytch-m2m clients get")));
    let mut finish = world.command(&rotate(&["finish", ID, "--secret-from", "-"]));
    finish.write_stdin("some-other-secret").assert().code(6);
    assert!(world.works(ID, SECRET) && world.works(ID, next));
    assert_eq!(world.emulator.counts()["rotate"], 0);
    assert_eq!(world.emulator.counts()["rotate_cancel"], 0);

    let mut finish = world.command(&rotate(&["finish", ID]));
    finish.env(NEXT, next).assert().success();
    assert!(!world.works(ID, SECRET) && world.works(ID, next));
    world.json(&rotate(&["start", ID, "--show-secret"]));
    world.json(&rotate(&["finish", ID, "--unproven"]));
    assert!(!world.works(ID, next));
}

#[test]
fn all_at_once_into_a_file() {
    let world = World::new();
    world.json(&rotate(&["run", ID, "--secret-file", "next"]));
    assert!(!world.works(ID, SECRET) && world.works(ID, &world.read("next")));
}

#[cfg(unix)]
#[test]
fn all_at_once_through_a_command() {
    let world = World::new();
    let output = world.command(&rotate(&["run", ID, "--store-command", "cat > next"])).output();
    let output = output.unwrap();
    assert!(output.status.success());
    let next = world.read("next");
    assert!(!all_of(&output).contains(&next));
    assert!(world.works(ID, &next));

    world
        .command(&rotate(&["run", ID, "--store-command", "cat > /dev/null; exit 3"]))
        .assert()
        .code(1)
        .stderr(contains("exit status: 3"));
    assert!(world.works(ID, &next), "the current secret stays");
    assert!(world.json(&["clients", "get", ID])["next_client_secret_last_four"].is_null());
}

#[test]
fn a_secret_that_cannot_be_proven_stays_where_it_is_and_works() {
    let world = World::new();
    let unproven = Fault::new(Effect::status(403)).at(Operation::Token);
    world.emulator.add_fault(unproven).unwrap();
    let run = rotate(&["run", ID, "--secret-file", "next"]);
    let left = world.command(&run).assert().code(4);
    let go_on = "stytch-m2m secrets rotate finish billing --secret-from next";
    left.stderr(contains("still under way and both secrets work").and(contains(go_on)));
    assert!(world.works(ID, SECRET) && world.works(ID, &world.read("next")));
    world.json(&rotate(&["finish", ID, "--secret-from", "next"]));
    assert!(!world.works(ID, SECRET) && world.works(ID, &world.read("next")));
}

#[test]
fn programs_are_told_how_to_go_on_in_terms_of_the_command() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(Effect::status(503)).at(Operation::RotateStart)).unwrap();
    let arguments = rotate(&["run", ID, "--secret-file", "next", "--output", "json"]);
    let output = world.command(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(11));
    let error = &json(&output.stderr)["error"];
    assert_eq!(error["status_code"], 503);
    let recovery = error["recovery"].as_str().unwrap();
    assert!(recovery.contains("secrets rotate start billing --recover"), "{recovery}");
    assert!(!error["message"].as_str().unwrap().contains("recover_rotation"), "{error}");
    assert!(!world.path("next").exists(), "there was nothing to write");
}

/// A rotation that has ended is not called one that is under way.
#[test]
fn what_the_command_could_not_see_it_does_not_say() {
    let world = World::new();
    world.json(&rotate(&["start", ID, "--secret-file", "next"]));
    world.json(&rotate(&["finish", ID, "--unproven"]));
    for operation in [Operation::Token, Operation::Get] {
        world.emulator.add_fault(Fault::new(Effect::status(403)).at(operation)).unwrap();
        let left =
            world.command(&rotate(&["finish", ID, "--secret-from", "next"])).assert().code(4);
        let left = left.stderr(contains("Nothing was changed; the next one is in next. Finish"));
        left.stderr(contains("under way").or(contains("both secrets")).not());
    }
    world.json(&rotate(&["finish", ID, "--secret-from", "next"]));
}

/// The answer to the end is lost, and no look after it is answered.
#[test]
fn an_end_whose_outcome_is_unknown_leaves_the_only_copy() {
    let world = World::new();
    let lost = Fault::new(Effect::DropAnswer).at(Operation::Rotate);
    world.emulator.add_fault(lost).unwrap();
    let run = rotate(&["run", ID, "--secret-file", "next", "--timeout", "3"]);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
    child.args(run).envs(world.environment()).current_dir(world.dir.path());
    let child = child.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    world.until(|| world.emulator.counts()["token"] > 0);
    let away = Fault::new(Effect::status(503)).at(Operation::Get).seconds(600);
    world.emulator.add_fault(away).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = all_of(&output);
    // Whether a look came before the outage is a matter of time.
    assert!(matches!(output.status.code(), Some(0 | 11)), "{told}");
    assert!(told.contains("the next secret is in next") || told.contains("is in next"), "{told}");
    assert!(world.works(ID, &world.read("next")));
}

#[test]
fn a_taken_file_starts_nothing() {
    let world = World::new();
    world.write("next", "something dear");
    for how in ["start", "run"] {
        world.command(&rotate(&[how, ID, "--secret-file", "next"])).assert().code(1);
    }
    assert_eq!(world.emulator.counts()["rotate_start"], 0);
    assert_eq!(world.read("next"), "something dear");
}

/// A secret that the command left unread is nowhere: the rotation must not end with it.
#[cfg(unix)]
#[test]
fn a_store_command_that_did_not_read_the_secret_has_failed() {
    let world = World::new();
    for command in ["true", "exec 0<&-", "head -c 3 > /dev/null"] {
        let run = rotate(&["run", ID, "--store-command", command]);
        world.command(&run).assert().code(1).stderr(contains("did not read the secret"));
    }
    // However early it ends, it is a failure that is seen.
    for _ in 0..5 {
        let run = rotate(&["run", ID, "--store-command", "exit 3"]);
        world.command(&run).assert().code(1).stderr(contains("exit status: 3"));
    }
    assert_eq!(world.emulator.counts()["rotate"], 0);
    assert!(world.works(ID, SECRET));
    assert!(world.json(&["clients", "get", ID])["next_client_secret_last_four"].is_null());

    let away = Fault::new(Effect::status(503)).at(Operation::RotateCancel).seconds(600);
    world.emulator.add_fault(away).unwrap();
    let run = rotate(&["run", ID, "--store-command", "exit 3"]);
    let told = world.command(&run).assert().code(1);
    let told =
        told.stderr(contains("could not be cancelled").and(contains("rotate cancel billing")));
    told.stderr(contains("rotate_cancel").not());
}

/// A client that is inactive fetches no token, so that no test of the next secret could succeed.
#[test]
fn an_inactive_client_is_refused_before_anything_is_begun() {
    let world = World::new();
    world.json(&["clients", "deactivate", ID]);
    let run = rotate(&["run", ID, "--secret-file", "next"]);
    let told = world.command(&run).assert().code(6);
    let told = told.stderr(contains("inactive").and(contains("clients activate billing")));
    told.stderr(contains("both secrets work").not().and(contains("..").not()));
    assert_eq!(world.emulator.counts()["rotate_start"], 0);
    assert!(!world.path("next").exists());
    // One that was begun in steps is told the same, before the test.
    world.json(&rotate(&["start", ID, "--secret-file", "next"]));
    let finish = rotate(&["finish", ID, "--secret-from", "next"]);
    let told = world.command(&finish).assert().code(6);
    let told = told.stderr(contains("clients activate billing").and(contains("--unproven")));
    told.stderr(contains("both secrets work").not());
    assert_eq!(world.emulator.counts()["token"], 0);
    world.json(&["clients", "activate", ID]);
    world.json(&finish);
    assert!(world.works(ID, &world.read("next")));
}

/// What failed is the store; what works is said, too.
#[cfg(unix)]
#[test]
fn a_store_that_fails_says_that_the_rotation_was_cancelled() {
    let world = World::new();
    let run = rotate(&["run", ID, "--store-command", "cat > /dev/null; exit 3"]);
    let told = world.command(&run).assert().code(1);
    told.stderr(contains("was cancelled").and(contains("the current secret works")));
    let json_too = [&run[..], &["-o", "json"]].concat();
    let output = world.command(&json_too).assert().code(1).get_output().clone();
    let error = &json(&output.stderr)["error"];
    assert!(error["recovery"].as_str().unwrap().contains("the current secret works"), "{error}");
    assert!(world.works(ID, SECRET));
}

/// Nobody has a secret that was to be shown and was not heard.
#[cfg(unix)]
#[test]
fn a_secret_that_nobody_heard_is_a_failure_that_says_how_to_go_on() {
    let world = World::new();
    let unheard = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        let command = command.args(arguments).envs(world.environment());
        let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        all_of(&output)
    };
    let told = unheard(&rotate(&["start", ID, "--show-secret"]));
    assert!(told.contains("secrets rotate start billing --recover"), "{told}");
    let told = unheard(&["clients", "create", "--client-id", "unheard", "--show-secret"]);
    assert!(told.contains("stytch-m2m clients delete unheard"), "{told}");
}

/// What is typed as it is printed does what it says.
#[test]
fn advice_can_be_typed_as_it_is_printed() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(Effect::status(403)).at(Operation::Token)).unwrap();
    let run = rotate(&["run", ID, "--secret-file", "it's next"]);
    let told = world.command(&run).assert().code(4);
    told.stderr(contains(r"rotate finish billing --secret-from 'it'\''s next';"));
}

#[cfg(unix)]
mod signals {
    use std::cell::RefCell;
    use std::io::Write as _;
    use std::process::Child;

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    fn start(world: &World, arguments: &[&str]) -> Child {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        let command = command.args(arguments).envs(world.environment());
        let command = command.current_dir(world.dir.path()).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn end(child: &Child, signal: Signal) {
        kill_process(Pid::from_child(child), signal).unwrap();
    }

    /// In JSON as well, in one document.
    #[test]
    fn ended_by_sigterm_it_says_how_to_go_on() {
        let world = World::new();
        let slow =
            Fault::new(Effect::Delay { milliseconds: 30_000 }).at(Operation::Token).seconds(600);
        world.emulator.add_fault(slow).unwrap();
        for (signal, next) in [(Signal::TERM, "one"), (Signal::INT, "two")] {
            let before = world.emulator.counts()["token"];
            let run = ["run", ID, "--secret-file", next, "--output", "json"];
            let child = start(&world, &rotate(&run));
            world.until(|| world.emulator.counts()["token"] > before);
            end(&child, signal);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(130), "{output:?}");
            let error = &json(&output.stderr)["error"];
            assert_eq!(error["code"], "cancelled");
            let recovery = error["recovery"].as_str().unwrap();
            assert!(recovery.contains(&format!("--secret-from {next}")), "{recovery}");
            world.json(&rotate(&["cancel", ID]));
        }
        let start_slow =
            Fault::new(Effect::Delay { milliseconds: 30_000 }).at(Operation::RotateStart);
        world.emulator.add_fault(start_slow).unwrap();
        let before = world.emulator.counts()["rotate_start"];
        let child = start(&world, &rotate(&["run", ID, "--secret-file", "three"]));
        world.until(|| world.emulator.counts()["rotate_start"] > before);
        end(&child, Signal::TERM);
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
        assert!(!world.path("three").exists(), "an empty file would be in the next one's way");
    }

    #[test]
    fn ctrl_c_ends_a_wait_for_standard_input() {
        let world = World::new();
        for signal in [Signal::INT, Signal::TERM] {
            let mut child = start(&world, &rotate(&["finish", ID, "--secret-from", "-"]));
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(b"half of a secr").unwrap();
            // It waits for the rest once it has taken that.
            world.until(|| rustix::io::ioctl_fionread(&stdin).unwrap() == 0);
            end(&child, signal);
            let child = RefCell::new(child);
            world.until(|| child.borrow_mut().try_wait().unwrap().is_some());
            let mut child = child.into_inner();
            assert_eq!(child.wait().unwrap().code(), Some(130));
        }
    }
}
