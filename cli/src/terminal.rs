//! The terminal that results are shown on.

use std::io;

use terminal_size::{Width, terminal_size_of};

/// Narrower than this no table is readable, whatever the terminal says.
const NARROWEST: usize = 20;

/// How many columns it has; `None` if results go to a file or another program.
pub(crate) fn width() -> Option<usize> {
    let (Width(columns), _) = terminal_size_of(io::stdout())?;
    Some(usize::from(columns).max(NARROWEST))
}
