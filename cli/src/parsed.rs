//! Files of YAML or JSON that people write.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::located;
use crate::output::plain;

/// The text of the file at `path`; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let text = match path == Path::new("-") {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(path),
    };
    text.map_err(|source| Failure::io(format!("cannot read {}", path.display()), source))
}

/// What a reader says of a file, without the names of this program's types, as in "struct File".
fn without_types(what: &str) -> String {
    const FIELDS: &str = "a mapping of fields";
    let types = [
        ("struct ", FIELDS),
        ("internally tagged enum ", FIELDS),
        ("tuple struct ", "a list"),
        ("enum ", "a name"),
        ("variant identifier", "a name"),
        ("a sequence", "a list"),
        ("a map", FIELDS),
    ];
    let (start, expected) = match what.rsplit_once("expected ") {
        Some((start, expected)) => (format!("{start}expected "), expected),
        None => (String::new(), what),
    };
    let named = types.into_iter().find_map(|(kind, said)| {
        let rest = expected.strip_prefix(kind).filter(|_| !start.is_empty())?;
        let rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        Some(format!("{said}{rest}"))
    });
    let told = start + named.as_deref().unwrap_or(expected);
    let told = told.replacen("unknown variant ", "unknown value ", 1);
    match told.split_once("data did not match any variant of untagged enum ") {
        Some((start, _)) => format!("{start}has none of its forms"),
        None => told,
    }
}

/// What a file's text says. An error names the field and the line.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Failure> {
    let reader = yaml_serde::Deserializer::from_str(text);
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let field = error.path().to_string();
        let what = without_types(&error.inner().to_string());
        let place = if field == "." || what.starts_with(&field) {
            String::new()
        } else {
            format!("{field}: ")
        };
        // The reader's own words name it, except at the top.
        let line = if what.contains(" at line ") {
            String::new()
        } else {
            let known = error.inner().location().map(|location| location.line());
            let line = known.or_else(|| located::line_of(text, &field)).unwrap_or(1);
            format!(" at line {line}")
        };
        Failure::usage(plain(&format!("{}: {place}{what}{line}", path.display())))
    })
}
