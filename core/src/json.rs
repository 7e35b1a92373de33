//! Strict JSON: one object, no duplicate members at any level, bounded depth and size.

pub(crate) mod lenient;

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// The limits of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Levels of nesting, counting the object itself.
    pub(crate) depth: u8,
    /// Members of any one object.
    pub(crate) members: usize,
}

/// The member name of a number in serde_json when any crate of the build enables its feature
/// `arbitrary_precision`: the number is then an object with this member and the number's text.
const NUMBER: &str = "$serde_json::private::Number";

/// A member's value, as far as claims and headers need it. Nested values are checked too.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool,
    Number(f64),
    String(Cow<'a, str>),
    Array(Vec<Value<'a>>),
    Object,
    /// The text in the object of a [`NUMBER`]; never the value of a member.
    Digits(f64),
}

/// The text is not a strict JSON object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotStrict;

/// Parses `text` as one object and calls `member` with each member.
pub(crate) fn object<'a>(
    text: &'a str,
    limits: Limits,
    mut member: impl FnMut(&str, Value<'a>),
) -> Result<(), NotStrict> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let reader = Members { limits, depth: 1, first: None, member: &mut member };
    deserializer.deserialize_map(reader).map_err(|_| NotStrict)?;
    deserializer.end().map_err(|_| NotStrict)
}

struct Members<'f, 'de, F> {
    limits: Limits,
    depth: u8,
    /// The name of a member that was already read.
    first: Option<Cow<'de, str>>,
    member: &'f mut F,
}

impl<'de, F: FnMut(&str, Value<'de>)> Visitor<'de> for Members<'_, 'de, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names: Vec<Cow<'de, str>> = Vec::with_capacity(12);
        names.extend(self.first);
        while let Some(name) = map.next_key_seed(Text)? {
            if names.len() == self.limits.members {
                return Err(A::Error::custom("too many members"));
            }
            let value = map.next_value_seed(Any { limits: self.limits, depth: self.depth })?;
            (self.member)(&name, value);
            names.push(name);
        }
        // Lengths are cheaper to compare, and mostly differ.
        names.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        match names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            true => Err(A::Error::custom("a member twice")),
            false => Ok(()),
        }
    }
}

/// A string, borrowed unless it contains an escape.
pub(crate) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// Any value at `depth` objects and arrays below the top.
struct Any {
    limits: Limits,
    depth: u8,
}

impl Any {
    /// One level further in.
    fn nested<E: serde::de::Error>(&self) -> Result<u8, E> {
        let depth = self.depth + 1;
        if depth > self.limits.depth {
            return Err(E::custom("nested too deeply"));
        }
        Ok(depth)
    }
}

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Owned(text.to_owned())))
    }

    /// serde_json returns an owned string only for the digits of a number (see [`NUMBER`]).
    fn visit_string<E: serde::de::Error>(self, digits: String) -> Result<Self::Value, E> {
        let number = digits.parse().ok().filter(|number: &f64| number.is_finite());
        number.map(Value::Digits).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let depth = self.nested()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Any { limits: self.limits, depth })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let first = map.next_key_seed(Text)?;
        let (limits, depth) = match first.as_deref() {
            Some(NUMBER) => (self.limits, self.depth + 1),
            _ => (self.limits, self.nested()?),
        };
        if first.is_some()
            && let Value::Digits(number) = map.next_value_seed(Any { limits, depth })?
        {
            return Ok(Value::Number(number));
        }
        let (depth, member) = (self.nested()?, &mut |_: &str, _: Value<'de>| {});
        Members { limits, depth, first, member }.visit_map(map)?;
        Ok(Value::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, NotStrict, Value, object};

    fn read(text: &str) -> Result<Vec<(String, String)>, NotStrict> {
        let mut members = Vec::new();
        let limits = Limits { depth: 3, members: 4 };
        object(text, limits, |name, value| members.push((name.to_owned(), format!("{value:?}"))))?;
        Ok(members)
    }

    /// The same whether or not any crate of the build has switched on `arbitrary_precision`:
    /// The bindings of Python and Node are built with it.
    #[test]
    fn an_object_as_serde_json_writes_a_number_is_an_object() {
        for text in [
            r#"{"x":{"$serde_json::private::Number":"1"}}"#,
            r#"{"x":{"$serde_json::private::Number":1}}"#,
            r#"{"x":{"\u0024serde_json::private::Number":"1"}}"#,
            r#"{"x":{"$serde_json::private::Number":"1","y":2}}"#,
        ] {
            assert_eq!(read(text).unwrap()[0].1, format!("{:?}", Value::Object), "{text}");
        }
        for text in [
            r#"{"x":[[{"$serde_json::private::Number":"1"}]]}"#,
            r#"{"x":{"$serde_json::private::Number":"1","$serde_json::private::Number":"1"}}"#,
            r#"{"x":1e400}"#,
        ] {
            assert_eq!(read(text), Err(NotStrict), "{text}");
        }
        let numbers = read(r#"{"a":1,"b":-2.5,"c":1e3,"d":[[123456789012345678901234567890]]}"#);
        let numbers: Vec<_> = numbers.unwrap().into_iter().map(|(_, value)| value).collect();
        assert_eq!(numbers[..3], ["Number(1.0)", "Number(-2.5)", "Number(1000.0)"]);
    }
}
