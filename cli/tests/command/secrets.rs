//! `secrets rotate`

use predicates::prelude::predicate::str::contains;
use stytch_m2m_emulator::{Effect, Fault, Operation};

use crate::support::{ID, SECRET, World, all_of};

const ROTATE: [&str; 2] = ["secrets", "rotate"];

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
fn an_unproven_secret_ends_no_rotation() {
    let world = World::new();
    world.json(&rotate(&["start", ID, "--show-secret"]));
    let mut finish = world.command(&rotate(&["finish", ID]));
    finish.env("STYTCH_CLIENT_SECRET", "not-the-next-secret").assert().code(3);
    assert!(world.works(ID, SECRET));
    world.json(&rotate(&["start", ID, "--show-secret"]));
    world.json(&rotate(&["finish", ID, "--unproven"]));
    assert!(!world.works(ID, SECRET));
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
fn a_secret_that_does_not_work_is_thrown_away() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(Effect::status(403)).at(Operation::Token)).unwrap();
    world.command(&rotate(&["run", ID, "--secret-file", "next"])).assert().code(4);
    assert!(!world.path("next").exists());
    assert!(world.works(ID, SECRET));
    assert!(world.json(&["clients", "get", ID])["next_client_secret_last_four"].is_null());
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
