//! A large tenant, and servers that fail.

use std::time::Instant;

use serde_json::json;
use stytch_m2m_emulator::{Effect, Fault, Operation, RateLimit};

use super::support::{Migration, PLAN, note};

/// Faults that a long import meets: some before, some after the server has done its work.
fn disturb(migration: &Migration) {
    let fault = |operation, effect, times| {
        migration.emulator.add_fault(Fault::new(effect).at(operation).times(times)).unwrap();
    };
    for operation in [Operation::Auth0Clients, Operation::Auth0ClientGrants, Operation::Search] {
        fault(operation, Effect::status(503), 3);
        fault(operation, Effect::rate_limited(1), 2);
        fault(operation, Effect::Reset, 2);
    }
    for _ in 0..10 {
        fault(Operation::Create, Effect::DropAnswer, 40);
        fault(Operation::Create, Effect::MalformedBody, 10);
        fault(Operation::Create, Effect::status(500), 20);
        fault(Operation::Create, Effect::Reset, 20);
        fault(Operation::Create, Effect::rate_limited(1), 3);
        fault(Operation::Get, Effect::status(502), 5);
    }
}

#[test]
fn ten_thousand_clients_with_faults() {
    const COUNT: usize = 10_000;
    let migration = Migration::of(COUNT);
    let started = Instant::now();
    disturb(&migration);
    migration.plan();
    let planned = started.elapsed();
    let report = migration.json(&["import", PLAN, "--concurrency", "16"], 0);
    let imported = started.elapsed() - planned;
    assert!(migration.emulator.faults().is_empty(), "every fault was met");
    assert_eq!(report["counts"], json!({ "imported": COUNT, "skip": 2 }));
    let mut expected: Vec<_> = (0..COUNT).map(|n| format!("client-{n}")).collect();
    expected.sort();
    // Each once: the list would show one twice.
    assert_eq!(migration.ids_at_stytch(), expected);
    let proof = migration.json(&["verify", PLAN, "--concurrency", "16"], 0);
    assert_eq!(proof["verified"], COUNT);
    let verified = started.elapsed() - planned - imported;
    note(format_args!(
        "10,000 clients: planned in {planned:.1?}, imported in {imported:.1?}, verified in \
         {verified:.1?}; {} creates asked for",
        migration.emulator.counts()["create"]
    ));
}

#[test]
fn limits_of_both_sides_are_waited_out() {
    let migration = Migration::of(150);
    let limit = |requests| RateLimit { requests, per_seconds: 2.try_into().unwrap() };
    migration.emulator.set_rate_limit(Some(limit(1)));
    migration.plan();
    migration.emulator.set_rate_limit(Some(limit(60)));
    let report = migration.json(&["import", PLAN], 0);
    assert_eq!(report["counts"]["imported"], 150);
    migration.emulator.set_rate_limit(None);
    assert_eq!(migration.ids_at_stytch().len(), 150);
}
