//! `stytch-m2m template show`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use stytch_m2m::management::template::{ClaimSource, Template};

use super::Claim;
use super::workspace::Workspace;
use crate::failure::Failure;
use crate::output::{Output, plain, plain_lines};
use crate::private_file::Reserved;
use crate::settings::Settings;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Write the template to this file, to edit it for `template set`
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
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
    let out = options.out.as_deref().map(|path| Reserved::new(path, options.force)).transpose()?;
    let present = options.workspace.open(settings).await?.template().await?;
    let claim = &options.claim.claim;
    // Who sets a template by another way may have one that this command does not understand.
    let source = Template::parse(&present.template_content).map(|read| read.source(claim)).ok();
    let content = present.template_content.as_str();
    if let (Some(out), Some(path)) = (out, &options.out) {
        out.write(if content.trim().is_empty() { "{}" } else { content })?;
        output.note(&format!("the template is in {}", path.display()));
    }
    output.result(
        || {
            json!({
                "template_content": content,
                "custom_audience": present.custom_audience,
                "claim": claim,
                "source": source.as_ref().map(ClaimSource::name),
                "variables": source.as_ref().map(ClaimSource::variables),
            })
        },
        || {
            let audience = match present.custom_audience.as_str() {
                "" => "none".to_owned(),
                audience => plain(audience),
            };
            let organization = match &source {
                Some(source) => said(claim, source),
                None => "the template is not understood".to_owned(),
            };
            let template = match content.trim() {
                "" => "none: tokens have no custom claims".to_owned(),
                _ => format!("\n{}", plain_lines(content.trim_end())),
            };
            format!(
                "custom audience: {audience}\norganization: {organization}\ntemplate: {template}"
            )
        },
    )
}

/// Who chooses the claim's value, by the template.
pub(crate) fn said(claim: &str, source: &ClaimSource) -> String {
    let (claim, variables) = (plain(claim), plain(&source.variables().join(", ")));
    match source {
        ClaimSource::Absent => format!("the template has no claim {claim}"),
        ClaimSource::Fixed => {
            format!("the template sets {claim} to the same value for every client")
        }
        ClaimSource::Project(_) => {
            format!("{claim} comes from {variables}, which the project sets")
        }
        ClaimSource::Caller(_) => format!(
            "{claim} comes from {variables}, which the caller sets: whoever has the client's secret \
             can name any organization"
        ),
        ClaimSource::Unknown(_) => {
            format!("{claim} comes from {variables}, and it is not known who sets that")
        }
    }
}
