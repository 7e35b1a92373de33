//! What became of clients, for people: the same words in import, undo and status.

use std::collections::BTreeMap;

use stytch_m2m::auth0::{ImportRecord, ImportState};

use crate::output::plain;
use crate::table::Table;

/// The number of clients in each state.
pub(super) fn counts(counts: &BTreeMap<ImportState, usize>) -> String {
    let mut table = Table::new(["STATE", "CLIENTS", ""]);
    for (state, count) in counts {
        table.add_row([state.name().to_owned(), count.to_string(), meaning(*state).to_owned()]);
    }
    table.text()
}

/// These clients, and why each is as it is; nothing if there are none.
pub(super) fn table<'r>(records: impl IntoIterator<Item = &'r ImportRecord>) -> Option<String> {
    let mut table = Table::new(["CLIENT ID", "STATE", "WHY"]);
    let mut is_empty = true;
    for record in records {
        is_empty = false;
        table.add_row([plain(&record.client_id), record.state.name().to_owned(), why(record)]);
    }
    (!is_empty).then(|| table.text())
}

fn why(record: &ImportRecord) -> String {
    let reason = record.reason.as_deref();
    let reason = match (reason, record.field.as_deref()) {
        (Some(reason), Some(field)) => Some(format!("{field}: {reason}")),
        (reason, _) => reason.map(str::to_owned),
    };
    let differs =
        (!record.differs.is_empty()).then(|| format!("differs in {}", record.differs.join(", ")));
    let parts = reason.into_iter().chain(differs).chain(record.notes.iter().cloned());
    plain(&parts.collect::<Vec<_>>().join("; "))
}

/// What a state means, in a few words.
pub(super) fn meaning(state: ImportState) -> &'static str {
    match state {
        ImportState::Import => "to be created at Stytch",
        ImportState::Imported => "created at Stytch",
        ImportState::Updated => "made equal to Auth0's",
        ImportState::Present => "at Stytch already, and equal",
        ImportState::Kept => "left as it is at Stytch",
        ImportState::Skip => "not imported, as planned",
        ImportState::Refused => "Stytch refuses it",
        ImportState::Changed => "Auth0 removed access after the plan",
        ImportState::Orphan => "active at Stytch, without access at Auth0",
        ImportState::Conflict => "another client at Stytch has the id",
        ImportState::Begun => "interrupted: run the import again",
        ImportState::Failed => "no answer: run it again",
        ImportState::Undone => "deleted at Stytch by an undo",
    }
}
