//! The guide's table of providers, from the vectors of their presets.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

const START: &str = "<!-- providers -->\n";
const END: &str = "<!-- end of providers -->";

/// The page with the table between its marks, if it has them.
pub(super) fn filled(root: &Path, page: &str) -> Result<String> {
    let Some((before, rest)) = page.split_once(START) else { return Ok(page.to_owned()) };
    let (_, after) = rest.split_once(END).context("no end of the table of providers")?;
    let path = root.join("tests/vectors/providers.json");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let table = table(&serde_json::from_str(&text)?);
    Ok(format!("{before}{START}{table}{END}{after}"))
}

fn table(file: &Value) -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in file["cases"].as_array().into_iter().flatten() {
        let preset = case.pointer("/issuers/0/preset").and_then(Value::as_str).unwrap_or_default();
        let (accepted, refused) = counts.entry(preset).or_default();
        match case["expect"].get("ok") {
            Some(_) => *accepted += 1,
            None => *refused += 1,
        }
    }
    let mut table = String::from(
        "\n| provider | what is verified | the client | the scopes | what marks a machine | what you set | vectors |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for provider in file["providers"].as_array().into_iter().flatten() {
        let text = |name: &str| provider[name].as_str().unwrap_or_default();
        let (accepted, refused) = counts.get(text("preset")).copied().unwrap_or_default();
        table += &format!(
            "| {}: `{}` | {} | {} | {} | {} | {} | {accepted} accepted, {refused} refused |\n",
            text("name"),
            text("preset"),
            text("verified"),
            text("client"),
            text("scopes"),
            text("machine"),
            text("you"),
        );
    }
    table + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_table_of_the_vectors() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let page = fs::read_to_string(root.join("docs/providers.md")).unwrap();
        assert!(page.contains(START));
        assert!(filled(root, &page).unwrap() == page, "run `cargo xtask docs --fill`");
    }
}
