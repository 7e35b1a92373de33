//! The lifetime of a published document, by its server's headers.

use super::HeaderMap;
use super::header::{AGE, CACHE_CONTROL};

/// The minimum, the maximum and the default lifetime in seconds.
const LEAST: f64 = 60.0;
const MOST: f64 = 3600.0;
pub(crate) const ASSUMED: f64 = 900.0;

/// `max-age` less `Age`, within bounds (RFC 9111, section 4.2).
pub(crate) fn soft_lifetime(headers: &HeaderMap) -> f64 {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(control) = text(CACHE_CONTROL) else { return ASSUMED };
    let mut directives = control.split(',').map(str::trim);
    if directives.clone().any(|d| d.eq_ignore_ascii_case("no-store")) {
        return LEAST;
    }
    let max_age = directives.find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        let seconds = value.trim_matches('"').parse::<f64>().ok()?;
        (name.eq_ignore_ascii_case("max-age") && seconds.is_finite()).then_some(seconds)
    });
    let age = text(AGE).and_then(|age| age.parse::<f64>().ok()).unwrap_or(0.0).max(0.0);
    max_age.map_or(ASSUMED, |max_age| (max_age - age).clamp(LEAST, MOST))
}
