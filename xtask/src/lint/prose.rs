//! Files in no language of ours.

use anyhow::Result;

use crate::step::is_installed;
use crate::tool;
use crate::workspace::Workspace;

const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/// Its exceptions are in `typos.toml`.
pub(super) fn spelling(workspace: &Workspace) -> Result<()> {
    tool::python(workspace)?.step("typos").args(["--format", "brief"]).run()
}

pub(super) fn lacks_for_workflows(workspace: &Workspace) -> Option<String> {
    let lacks_go = !is_installed("go");
    let go = lacks_go.then(|| "needs go, to compile actionlint (Debian: golang)".to_owned());
    go.or_else(|| tool::lacks_python(workspace))
}

pub(super) fn workflows(workspace: &Workspace) -> Result<()> {
    let actionlint = tool::go(workspace, "actionlint", ACTIONLINT)?;
    workspace.step(actionlint).shown_as("actionlint").arg("-color=false").run()?;
    let zizmor = ["--offline", "--pedantic", "--min-severity", "low", "--no-progress", ".github"];
    tool::python(workspace)?.step("zizmor").args(zizmor).run()
}
