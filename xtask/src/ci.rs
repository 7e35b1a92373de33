//! Whether CI runs this.

use std::env;

/// Whether nobody is looking.
pub(crate) fn is_ci() -> bool {
    says_ci(env::var("CI").ok().as_deref())
}

fn says_ci(variable: Option<&str>) -> bool {
    !matches!(variable, None | Some("" | "false" | "0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ci_says_so_in_one_of_several_words() {
        for ci in ["true", "1", "yes"] {
            assert!(says_ci(Some(ci)));
        }
        for person in [None, Some(""), Some("false"), Some("0")] {
            assert!(!says_ci(person));
        }
    }
}
