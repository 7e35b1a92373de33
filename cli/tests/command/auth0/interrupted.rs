//! Killed anywhere, it goes on where it was.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use stytch_m2m_emulator::{Effect, Fault, Operation};

use super::support::{Migration, PLAN, note, text_of};

const CLIENTS: usize = 400;
const KILLS: u32 = 50;

/// Numbers without a pattern, the same in each run: xorshift.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn fifty_kills_lose_nothing_and_repeat_nothing() {
    let migration = Migration::of(CLIENTS);
    migration.plan();
    let import = ["import", PLAN, "--concurrency", "4"];
    let mut seed = 0x5eed_cafe_u64;
    let mut kills = 0;
    while kills < KILLS {
        // Slow enough that the kills spread over the whole import, some answers lost with them.
        let lost = Fault::new(Effect::DropAnswer).at(Operation::Create).times(1);
        let slow = Fault::new(Effect::Delay { milliseconds: 15 }).at(Operation::Create);
        migration.emulator.clear_faults();
        migration.emulator.add_fault(lost).unwrap();
        migration.emulator.add_fault(slow.seconds(3600)).unwrap();
        let before = migration.emulator.counts()["create"];
        let mut run = migration.std_command(&import);
        let mut child = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // A moment between two creates that no step of the program announces.
        let after = random(&mut seed) % 12;
        let microseconds = random(&mut seed) % 15_000;
        let deadline = Instant::now() + Duration::from_secs(30);
        while migration.emulator.counts()["create"] < before + after {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            assert!(Instant::now() < deadline, "it neither creates nor ends");
            std::thread::yield_now();
        }
        let until = Instant::now() + Duration::from_micros(microseconds);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        let finished = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!finished || kills > KILLS / 2, "the tenant is too small for {KILLS} kills");
        kills += 1;
    }
    migration.emulator.clear_faults();
    let done = migration.ids_at_stytch().len();
    let report = migration.json(&import, 0);
    assert_eq!(report["counts"], json!({ "imported": CLIENTS, "skip": 2 }));
    let mut expected: Vec<_> = (0..CLIENTS).map(|n| format!("client-{n}")).collect();
    expected.sort();
    assert_eq!(migration.ids_at_stytch(), expected);
    assert_eq!(migration.json(&["verify", PLAN], 0)["verified"], CLIENTS);
    let creates = migration.emulator.counts()["create"];
    note(format_args!("{kills} kills, {done} clients by then, {creates} creates asked for in all"));
    // Each kill and each lost answer costs no more than those under way: no run starts over.
    assert!(creates < CLIENTS as u64 + 10 * u64::from(KILLS), "{creates}");
}

#[test]
fn half_a_line_in_the_journal_is_no_line() {
    let migration = Migration::of(3);
    migration.plan();
    migration.json(&["import", PLAN], 0);
    let journal = migration.read("plan.yaml.journal");
    for left in [journal.len() - 1, journal.len() - 30, journal.len() / 2, 20, 1, 0] {
        std::fs::write(migration.path("torn"), &journal[..left]).unwrap();
        let report = migration.json(&["import", PLAN, "--journal", "torn"], 0);
        assert_eq!(report["clients"].as_array().unwrap().len(), 5);
        let mended = migration.read("torn");
        assert!(
            mended.lines().all(|line| line.starts_with('{') && line.ends_with('}')),
            "{mended}"
        );
    }
    for other in ["not a journal\n", "not even a line"] {
        std::fs::write(migration.path("other"), other).unwrap();
        let refused = migration.run(&["import", PLAN, "--journal", "other"]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text_of(&refused).contains("not the journal"), "{}", text_of(&refused));
        assert_eq!(migration.read("other"), other);
    }
}
