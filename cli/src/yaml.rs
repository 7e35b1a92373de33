//! YAML that says exactly what a value does, with escapes for what a terminal or a reader could be
//! deceived by.

use serde::Serialize;
use stytch_m2m::internals::is_deceptive;
use yaml_serde::Value;
use yaml_serde::value::TaggedValue;

/// The value in YAML. Text with line breaks, direction marks and the like is quoted on one line, so
/// that no part of it looks like another field.
pub(crate) fn text(value: &impl Serialize) -> String {
    let value = yaml_serde::to_value(value).unwrap_or_default();
    let plain = yaml_serde::to_string(&value).unwrap_or_default();
    // The writer has no such mode: it writes a word in place of each of these texts, which nothing
    // else in the document holds, and which needs no quotes.
    let free = |number: &usize| !plain.contains(&word(*number));
    let number = (0..).find(free).unwrap_or_default();
    let mut quoted = Quoted { word: word(number), texts: Vec::new() };
    let value = quoted.replace(value);
    match quoted.texts.is_empty() {
        true => plain,
        false => quoted.put_back(&yaml_serde::to_string(&value).unwrap_or_default()),
    }
}

fn word(number: usize) -> String {
    format!("Quoted{number}x")
}

struct Quoted {
    word: String,
    texts: Vec<String>,
}

impl Quoted {
    fn replace(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) if text.chars().any(is_deceptive) => {
                let word = format!("{}{}x", self.word, self.texts.len());
                self.texts.push(quote(&text));
                Value::String(word)
            }
            Value::Sequence(items) => {
                Value::Sequence(items.into_iter().map(|one| self.replace(one)).collect())
            }
            Value::Mapping(members) => {
                let members = members.into_iter();
                let members = members.map(|(name, one)| (self.replace(name), self.replace(one)));
                Value::Mapping(members.collect())
            }
            Value::Tagged(tagged) => {
                let TaggedValue { tag, value } = *tagged;
                Value::Tagged(Box::new(TaggedValue { tag, value: self.replace(value) }))
            }
            other => other,
        }
    }

    fn put_back(&self, text: &str) -> String {
        let mut parts = text.split(&self.word);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (index, rest) = part.split_once('x').unwrap_or_default();
            let quoted = index.parse().ok().and_then(|index: usize| self.texts.get(index));
            whole.push_str(quoted.map_or("", String::as_str));
            whole.push_str(rest);
        }
        whole
    }
}

fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if is_deceptive(c) => quoted.push_str(&match u32::from(c) {
                code @ ..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            }),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_deceives_nobody() {
        let value = serde_json::json!({
            "plain": ["a", "Quoted0x", "yes", "1", "\u{1f600}", ""],
            "line\nbreak: x": "a\nstatus: active",
            "marks": ["\u{202e}txt", "\u{e0001}", "\u{85}\u{2028}", "tab\t \"q\" \\ ", "\u{1b}[2J"],
            "nested": { "\u{feff}": { "\u{200b}": ["\r\n"] } },
        });
        let text = text(&value);
        assert!(!text.chars().any(|c| c != '\n' && is_deceptive(c)), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("status")), "{text}");
        assert_eq!(yaml_serde::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
