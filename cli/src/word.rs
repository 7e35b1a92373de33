//! Words of a command line: ids that are given, and ids in commands to type.

/// A client's id, which may begin with a hyphen. What looks like a long option is one, mistyped,
/// unless it comes after `--`.
pub(crate) fn client_id(text: &str) -> Result<String, String> {
    let is_after_dashes = || std::env::args_os().any(|argument| argument == "--");
    match text.starts_with("--") && !is_after_dashes() {
        true => {
            Err("there is no such option; give an id that begins with -- last, after --".to_owned())
        }
        false => Ok(text.to_owned()),
    }
}

/// As a shell reads it as one word.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// A command to type, with this client's id and these options.
pub(crate) fn call(command: &str, client_id: &str, options: &str) -> String {
    let (command, id) = (format!("stytch-m2m {command}"), quoted(client_id));
    let options = if options.is_empty() { String::new() } else { format!(" {options}") };
    match client_id.starts_with('-') {
        true => format!("{command}{options} -- {id}"),
        false => format!("{command} {id}{options}"),
    }
}
