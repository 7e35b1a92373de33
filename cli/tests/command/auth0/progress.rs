//! How far it is: a bar on a terminal, lines elsewhere, nothing for programs.

use stytch_m2m_emulator::{Effect, Fault, Operation, RateLimit};

use super::support::{Migration, PLAN};
use crate::pty::Terminal;

const IMPORT: [&str; 3] = ["auth0", "import", PLAN];

#[test]
fn a_terminal_sees_a_bar() {
    let migration = Migration::of(30);
    migration.plan();
    let slow = Fault::new(Effect::Delay { milliseconds: 60 }).at(Operation::Create).times(30);
    migration.emulator.add_fault(slow).unwrap();
    let one_by_one = [&IMPORT[..], &["--concurrency", "1"]].concat();
    let mut terminal = Terminal::start(migration.dir.path(), migration.environment(), &one_by_one);
    terminal.expect("reading Auth0");
    terminal.expect("importing");
    terminal.expect("/32");
    let (seen, code) = terminal.finish();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains('█') && seen.contains("imported  30"), "{seen}");
    assert!(!seen.contains("importing: "), "no lines beside the bar: {seen}");
}

#[test]
fn a_log_gets_a_line_for_each_tenth() {
    let migration = Migration::of(98);
    migration.plan();
    let output = migration.run(&IMPORT[1..]);
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<_> = said.lines().filter(|line| line.starts_with("importing: ")).collect();
    assert_eq!(lines.len(), 10, "{said}");
    assert_eq!(lines.last().unwrap(), &"importing: 100 of 100");
    assert!(said.contains("reading Auth0: 100 clients, 99 grants, 2 APIs"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
}

#[test]
fn a_wait_is_told_with_the_side_that_asks_for_it() {
    let migration = Migration::of(3);
    let limit = RateLimit { requests: 1, per_seconds: 2.try_into().unwrap() };
    migration.emulator.set_rate_limit(Some(limit));
    migration.plan();
    let output = migration.run(&["plan", "--out", "other.yaml"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("reading Auth0: waits ") && said.contains(" s for Auth0"), "{said}");
    let quiet = migration.run(&["plan", "--out", "third.yaml", "--quiet"]);
    assert!(quiet.stderr.is_empty(), "{}", String::from_utf8_lossy(&quiet.stderr));
}

#[test]
fn a_program_gets_json_alone() {
    let migration = Migration::of(3);
    migration.plan();
    let output = migration.run(&[&IMPORT[1..], &["--output", "json"]].concat());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
}

#[test]
fn ctrl_c_says_how_to_go_on() {
    let migration = Migration::of(3);
    migration.plan();
    let slow = Fault::new(Effect::Delay { milliseconds: 60_000 }).at(Operation::Create);
    migration.emulator.add_fault(slow).unwrap();
    let mut terminal = Terminal::start(migration.dir.path(), migration.environment(), &IMPORT);
    terminal.expect("importing");
    terminal.enter("\u{3}");
    let (seen, code) = terminal.finish();
    assert_eq!(code, 130, "{seen}");
    assert!(seen.contains("run the same command again"), "{seen}");
    assert_eq!(migration.json(&IMPORT[1..], 0)["counts"]["imported"], 3);
}
