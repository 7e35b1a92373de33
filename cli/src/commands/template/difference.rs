//! The difference between two templates, by lines.

use anstyle::{AnsiColor, Style};
use stytch_m2m::management::JwtTemplate;

use crate::output::plain;

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();

/// What changes from `present` to `next`, with the lines that stay.
pub(super) fn text(present: &JwtTemplate, next: &JwtTemplate) -> String {
    let mut lines = Vec::new();
    if present.custom_audience != next.custom_audience {
        let audience = |audience: &str| match audience {
            "" => Vec::new(),
            audience => vec![format!("custom audience: {audience}")],
        };
        let (old, new) = (audience(&present.custom_audience), audience(&next.custom_audience));
        lines.extend(compare(&old, &new));
    }
    let split = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    lines.extend(compare(&split(&present.template_content), &split(&next.template_content)));
    lines.join("\n")
}

/// A template has few lines: those between the first and the last that differ are shown as
/// replaced.
fn compare(old: &[String], new: &[String]) -> Vec<String> {
    let common = |(one, other): &(&String, &String)| one == other;
    let start = old.iter().zip(new).take_while(common).count();
    let left = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(left).take_while(common).count();
    let same = |line: &String| format!("  {}", plain(line));
    let removed = |line: &String| format!("{RED}- {}{RED:#}", plain(line));
    let added = |line: &String| format!("{GREEN}+ {}{GREEN:#}", plain(line));
    let middle = |lines: &[String]| lines.len() - start - end;
    old.iter()
        .take(start)
        .map(same)
        .chain(old.iter().skip(start).take(middle(old)).map(removed))
        .chain(new.iter().skip(start).take(middle(new)).map(added))
        .chain(new.iter().skip(new.len() - end).map(same))
        .collect()
}
