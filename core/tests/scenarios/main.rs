//! Every scenario of `tests/scenarios`, against an emulator.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::panic, clippy::print_stdout, reason = "and says how many scenarios it played")]
#![allow(clippy::disallowed_methods, reason = "the emulator's own API needs an HTTP client")]

mod arguments;
mod calls;
mod format;
mod shown;

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use crate::calls::World;
use crate::format::{File, Scenario, Step};

/// What a step's call came to, under the API's names.
type Outcome = Result<Value, Value>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_goes_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    let emulator = stytch_m2m_emulator::Emulator::start().unwrap();
    let (mut played, mut failures) = (0, Vec::new());
    for path in files {
        let name = path.file_name().unwrap().display().to_string();
        let file: File = serde_json::from_slice(&std::fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        for scenario in &file.scenarios {
            played += 1;
            let world = World::new(&emulator, &file.seed, scenario).await;
            if let Err(failure) = play(&world, scenario).await {
                failures.push(format!("{name}, {}: {failure}", scenario.name));
            }
        }
    }
    println!("scenarios: {played} cases");
    assert!(played >= 80, "only {played} scenarios were found");
    assert!(failures.is_empty(), "{} of {played} fail:\n{}", failures.len(), failures.join("\n"));
}

async fn play(world: &World, scenario: &Scenario) -> Result<(), String> {
    let mut saved = world.names();
    for (index, step) in scenario.steps.iter().enumerate() {
        let failed = |what| format!("step {}, {}: {what}", index + 1, step.call);
        let outcomes = perform(world, step, &filled(&step.with, &saved)).await;
        for outcome in &outcomes {
            check(step, outcome, &saved).map_err(failed)?;
        }
        let is_single = step.repeat.is_none() && step.concurrently.is_none();
        assert!(step.save.is_empty() || is_single, "{}: saved from which call?", scenario.name);
        for (name, path) in &step.save {
            let value = outcomes[0].as_ref().ok().and_then(|result| find(result, path));
            let value = value.ok_or_else(|| failed(format!("the result has no {path}")))?;
            saved.insert(name.clone(), value.to_owned());
        }
    }
    let hits = world.hits().await;
    match hits == scenario.hits {
        true => Ok(()),
        false => Err(format!("the hits are {hits:?}, not {:?}", scenario.hits)),
    }
}

/// One after the other, or all at once.
async fn perform(world: &World, step: &Step, with: &Value) -> Vec<Outcome> {
    assert!(
        step.repeat.is_none() || step.concurrently.is_none(),
        "{}: in a row or at once?",
        step.call
    );
    let call = || world.call(&step.call, with);
    let mut outcomes = join_all((0..step.concurrently.unwrap_or(0)).map(|_| call())).await;
    for _ in outcomes.len()..step.repeat.unwrap_or(1) {
        outcomes.push(call().await);
    }
    outcomes
}

fn check(step: &Step, outcome: &Outcome, saved: &BTreeMap<String, String>) -> Result<(), String> {
    let (got, wanted) = match (outcome, &step.result, &step.error) {
        (_, Some(_), Some(_)) => return Err("result and error exclude each other".to_owned()),
        (Ok(_), None, None) => return Ok(()),
        (Ok(result), Some(wanted), None) => (result, wanted),
        (Err(error), None, Some(wanted)) => (known(error, wanted)?, wanted),
        (Ok(_), _, Some(wanted)) => return Err(format!("no error, where {wanted} was due")),
        (Err(error), _, None) => return Err(format!("failed: {error}")),
    };
    differs(got, &filled(wanted, saved)).map_or(Ok(()), Err)
}

/// `error`, if it can have all that is wanted: it has every member, if only as `null`.
fn known<'e>(error: &'e Value, wanted: &Value) -> Result<&'e Value, String> {
    let mut names = wanted.as_object().unwrap().keys();
    match names.find(|name| error.get(name).is_none()) {
        Some(name) => Err(format!("an error has no {name}")),
        None => Ok(error),
    }
}

/// Where `got` lacks something of `wanted`: objects may have more than that, arrays may not.
fn differs(got: &Value, wanted: &Value) -> Option<String> {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => wanted.iter().find_map(|(name, wanted)| {
            let got = got.get(name).unwrap_or(&Value::Null);
            differs(got, wanted).map(|difference| format!("{name}: {difference}"))
        }),
        (Value::Array(got), Value::Array(wanted)) if got.len() == wanted.len() => {
            got.iter().zip(wanted).find_map(|(got, wanted)| differs(got, wanted))
        }
        (Value::Number(got), Value::Number(wanted)) if got.as_f64() == wanted.as_f64() => None,
        _ if got == wanted => None,
        _ => Some(format!("{got}, not {wanted}")),
    }
}

/// `value` with the saved values in place of their `${name}`.
fn filled(value: &Value, saved: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => {
            let insert = |text: String, (name, value): (&String, &String)| {
                text.replace(&format!("${{{name}}}"), value)
            };
            let text = saved.iter().fold(text.clone(), insert);
            assert!(!text.contains("${"), "nothing is saved under the name in {text}");
            json!(text)
        }
        Value::Array(items) => items.iter().map(|item| filled(item, saved)).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), filled(value, saved)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// The text at a path such as `m2m_client.client_id`.
fn find<'v>(result: &'v Value, path: &str) -> Option<&'v str> {
    path.split('.').try_fold(result, |value, name| value.get(name))?.as_str()
}
