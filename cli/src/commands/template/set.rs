//! `stytch-m2m template set`

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde_json::{Value, json};
use stytch_m2m::management::template::{
    ClaimSource, ORGANIZATION_KEY, Template, organization_variable,
};
use stytch_m2m::management::{JwtTemplate, Management};

use super::workspace::Workspace;
use super::{Claim, difference};
use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::parsed;
use crate::settings::Settings;

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("what").required(true).multiple(true)
    .args(["file", "organization", "custom_audience"])))]
pub(crate) struct Options {
    /// The file with the whole template; - is standard input
    #[arg(conflicts_with = "organization")]
    file: Option<PathBuf>,
    /// Add the client's organization, from its metadata, to the present template
    #[arg(long)]
    organization: bool,
    /// The metadata key with the organization, for --organization
    #[arg(long, value_name = "KEY", default_value = ORGANIZATION_KEY)]
    metadata_key: String,
    /// The tokens' custom audience; an empty one removes it
    #[arg(long, value_name = "AUDIENCE")]
    custom_audience: Option<String>,
    /// Take a template in which a caller chooses the organization
    #[arg(long)]
    allow_caller_organization: bool,
    /// Show the difference, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    claim: Claim,
    #[command(flatten)]
    workspace: Workspace,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let given = options.file.as_deref().map(read).transpose()?;
    if let Some(content) = &given {
        options.check_organization(content)?;
    }
    let management = options.workspace.open(settings).await?;
    let present = management.template().await?;
    let next = options.next(&present, given)?;
    options.check_organization(&next.template_content)?;
    let shown = difference::text(&present, &next);
    if options.drops_organization(&present, &next) {
        output.warning(&format!(
            "tokens name no organization in {} any more: services that require one refuse them",
            plain(&options.claim.claim)
        ));
    }
    if next == present {
        return report(output, &present, &next, "unchanged", "the template is so already");
    }
    if options.dry_run {
        report(output, &present, &next, "would_change", &shown)?;
        return Err(Failure::Unfinished("the template differs: nothing was changed".into()));
    }
    if !options.yes {
        ask(&options, &management, &present, &shown, output).await?;
    }
    management.set_template(&next).await?;
    let done = "the template is set; tokens that were issued before keep their claims until they \
                expire";
    report(output, &present, &next, "changed", &format!("{shown}\n{done}"))
}

/// The template in the file. An error names the file and the line.
fn read(path: &Path) -> Result<String, Failure> {
    let content = parsed::read(path)?.trim_end().to_owned();
    if content.is_empty() {
        let path = plain(&path.display().to_string());
        return Err(Failure::usage(format!(
            "{path} is empty: write {{}} into it to remove all custom claims"
        )));
    }
    match Template::parse(&content) {
        Ok(_) => Ok(content),
        Err(error) => {
            let what = &error.details().message;
            Err(Failure::usage(plain(&format!("{}: {what}", path.display()))))
        }
    }
}

impl Options {
    fn next(&self, present: &JwtTemplate, given: Option<String>) -> Result<JwtTemplate, Failure> {
        let template_content = match given {
            Some(content) => content,
            None if self.organization => {
                let read = Template::parse(&present.template_content).map_err(|error| {
                    let what = &error.details().message;
                    let advice = "give the whole template in a file";
                    Failure::Conflict(format!(
                        "the present template is not understood, {what}: {advice}"
                    ))
                })?;
                read.with_claim(&self.claim.claim, &organization_variable(&self.metadata_key))
            }
            None => present.template_content.clone(),
        };
        let custom_audience = self.custom_audience.clone();
        let custom_audience = custom_audience.unwrap_or_else(|| present.custom_audience.clone());
        Ok(JwtTemplate { template_content, custom_audience })
    }

    /// Whether the present template has the organization, and the next one has not.
    fn drops_organization(&self, present: &JwtTemplate, next: &JwtTemplate) -> bool {
        let has_one = |template: &JwtTemplate| {
            let read = Template::parse(&template.template_content).ok();
            read.is_some_and(|read| read.source(&self.claim.claim) != ClaimSource::Absent)
        };
        has_one(present) && !has_one(next)
    }

    /// Refuses a template in which a caller chooses the organization.
    fn check_organization(&self, content: &str) -> Result<(), Failure> {
        if self.allow_caller_organization {
            return Ok(());
        }
        let read = Template::parse(content)?;
        let found = read.unsafe_organizations(&self.claim.claim);
        let Some((claim, variables)) = found.first() else { return Ok(()) };
        Err(Failure::Conflict(plain(&format!(
            "in this template the organization in {claim} comes from {}, which whoever has a \
             client's secret chooses: any client could name any organization. Take it from {}, \
             which the project sets, or give --allow-caller-organization if no service decides by \
             it",
            variables.join(", "),
            organization_variable(&self.metadata_key)
        ))))
    }
}

/// Asks, and looks whether the template is still the one that the question is about.
async fn ask(
    options: &Options,
    management: &Management,
    present: &JwtTemplate,
    shown: &str,
    output: &Output,
) -> Result<(), Failure> {
    let place = plain(&options.workspace.place());
    let question = format!("Set this template for the M2M tokens of {place}?");
    let whole = match io::stdin().is_terminal() {
        true => format!("{shown}\n{question}"),
        false => question,
    };
    if !output.confirm(&whole, "--yes")? {
        return Err(Failure::Interrupted);
    }
    match management.template().await? == *present {
        true => Ok(()),
        false => Err(Failure::Conflict(
            "somebody else changed the template in the meantime: run the command again".into(),
        )),
    }
}

fn report(
    output: &mut Output,
    present: &JwtTemplate,
    next: &JwtTemplate,
    state: &str,
    text: &str,
) -> Result<(), Failure> {
    let fields = |template: &JwtTemplate| -> Value { json!(template) };
    output.result(
        || json!({ "state": state, "before": fields(present), "after": fields(next) }),
        || text.to_owned(),
    )
}
