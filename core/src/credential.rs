//! How a client authenticates at the token endpoint, and where its secrets come from.

pub(crate) mod assertion;
pub(crate) mod client;
pub(crate) mod evidence;
pub(crate) mod file;
pub(crate) mod live;
pub(crate) mod method;
pub(crate) mod private_key;
pub(crate) mod settings;
pub(crate) mod source;
