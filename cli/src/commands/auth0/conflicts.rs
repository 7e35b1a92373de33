//! Clients that Stytch has with a planned id and other fields: what to do about each.

use clap::ValueEnum;
use stytch_m2m::auth0::{OnConflict, Plan, PlanState};

use crate::failure::Failure;
use crate::output::{Output, plain};

/// What is done about conflicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Choice {
    /// List the client, and change nothing
    #[default]
    Report,
    /// Keep the client at Stytch
    Keep,
    /// Make the client at Stytch equal to Auth0's
    TakeAuth0,
    /// Ask about each client
    Ask,
}

impl From<Choice> for OnConflict {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Report | Choice::Ask => Self::Report,
            Choice::Keep => Self::Keep,
            Choice::TakeAuth0 => Self::TakeAuth0,
        }
    }
}

/// What answers where nobody can be asked.
const INSTEAD: &str = "--on-conflict report, keep or take-auth0, or on_conflict in the plan";

/// Asks about each conflict of the plan that the plan does not decide.
pub(super) fn ask(plan: &mut Plan, output: &Output) -> Result<(), Failure> {
    let open = plan.clients.iter_mut().filter(|one| one.state == PlanState::Conflict);
    for planned in open.filter(|one| one.on_conflict.is_none()) {
        let (id, differs) = (plain(&planned.client_id), planned.differs.join(", "));
        let question =
            format!("{id} differs in {differs}. Keep Stytch's, take Auth0's, or leave it?");
        let answers = [("k", "keep"), ("t", "take"), ("l", "leave")];
        planned.on_conflict = Some(match output.choose(&question, &answers, INSTEAD)? {
            "k" => OnConflict::Keep,
            "t" => OnConflict::TakeAuth0,
            _ => OnConflict::Report,
        });
    }
    Ok(())
}
