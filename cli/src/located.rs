//! Where in a YAML or JSON file a value is.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The line of the value at `path`, such as `clients[2].scopes`; of what encloses it where the file
/// does not have that.
pub(crate) fn line_of(text: &str, path: &str) -> Option<usize> {
    let words = path.replace('[', ".").replace(']', "");
    let steps: Vec<&str> = words.split('.').filter(|step| !step.is_empty()).collect();
    (0..=steps.len()).rev().find_map(|depth| {
        let steps = steps.get(..depth)?;
        let found = At(steps).deserialize(yaml_serde::Deserializer::from_str(text));
        match found {
            Err(error) if error.to_string().contains(HERE) => {
                Some(error.location().map_or(1, |location| location.line()))
            }
            _ => None,
        }
    })
}

/// The error that marks the place.
const HERE: &str = "here it is";

/// Walks down a path, and fails where it ends: the reader knows the line of what fails.
struct At<'p>(&'p [&'p str]);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.0.split_first() else { return Err(A::Error::custom(HERE)) };
        let index: usize = step.parse().map_err(A::Error::custom)?;
        for _ in 0..index {
            items.next_element::<IgnoredAny>()?;
        }
        items.next_element_seed(At(rest))?;
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.0.split_first() else { return Err(A::Error::custom(HERE)) };
        while let Some(name) = members.next_key::<String>()? {
            if name == *step {
                return members.next_value_seed(At(rest));
            }
            members.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.scalar()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar()
    }
}

impl At<'_> {
    fn scalar<E: Error>(&self) -> Result<(), E> {
        if self.0.is_empty() { Err(E::custom(HERE)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
clients:
  - client_id: billing
    scopes:
      - read
      - write
  - client_id: orders
    trusted_metadata: { team: money }
";

    #[test]
    fn a_value_is_found_by_its_path() {
        let lines = [
            ("clients[0].client_id", 2),
            ("clients[0].scopes[1]", 5),
            ("clients[1]", 6),
            ("clients[1].trusted_metadata.team", 7),
            // What encloses it.
            ("clients[1].status", 6),
            ("clients", 2),
            ("nothing", 1),
        ];
        for (path, line) in lines {
            assert_eq!(line_of(FILE, path), Some(line), "{path}");
        }
        assert_eq!(line_of("{\"clients\":\n [ 1,\n 2 ] }", "clients[1]"), Some(3));
    }
}
