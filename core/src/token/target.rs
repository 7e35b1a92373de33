//! What a token is for: resources (RFC 8707) and an audience.

use url::Url;

use crate::error::{Error, Result};

/// What a token is for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    /// Sorted, each once.
    pub(super) resource: Vec<String>,
    pub(super) audience: Option<String>,
}

impl Target {
    pub(crate) fn new(mut resource: Vec<String>, audience: Option<String>) -> Result<Self> {
        let is_absolute =
            |text: &String| Url::parse(text).is_ok_and(|url| url.fragment().is_none());
        if !resource.iter().all(is_absolute) {
            return Err(Error::invalid_config(
                "resource",
                "resource must be an absolute URI without a fragment, such as \
                 https://api.example.com",
            ));
        }
        let is_wrong = |text: &String| text.is_empty() || text.contains(char::is_control);
        if audience.as_ref().is_some_and(is_wrong) {
            return Err(Error::invalid_config(
                "audience",
                "audience is empty or contains a control character: omit it, or name the API",
            ));
        }
        resource.sort_unstable();
        resource.dedup();
        Ok(Self { resource, audience })
    }

    /// The parameters of a request.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let resources = self.resource.iter().map(|value| ("resource", value.as_str()));
        resources.chain(self.audience.as_deref().map(|value| ("audience", value)))
    }

    /// The parameters that `extra` must not repeat.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let resource = (!self.resource.is_empty()).then_some("resource");
        resource.into_iter().chain(self.audience.as_ref().map(|_| "audience"))
    }
}
