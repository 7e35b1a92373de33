//! A token as it comes in: read in one pass, where napi's own `String` takes two.

use napi::bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue};
use napi::{Result, Status, ValueType, sys};

/// Room for most tokens; a longer one is read as any string is.
const ROOM: usize = 2048;
/// The longest character, which is written whole or not at all.
const CHARACTER: usize = 4;

/// A string, as UTF-8 in full: a Latin-1 read would take one token for another.
pub struct Text(pub(crate) String);

impl TypeName for Text {
    fn type_name() -> &'static str {
        String::type_name()
    }

    fn value_type() -> ValueType {
        String::value_type()
    }
}

impl ValidateNapiValue for Text {}

impl FromNapiValue for Text {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let (mut bytes, mut written) = (vec![0_u8; ROOM], 0);
        let start = bytes.as_mut_ptr().cast();
        // SAFETY: at most `ROOM` bytes are written from `start`, and `env` and `value` are alive.
        let status =
            unsafe { sys::napi_get_value_string_utf8(env, value, start, ROOM, &raw mut written) };
        if status == Status::Ok as i32 && written + CHARACTER < ROOM {
            bytes.truncate(written);
            if let Ok(text) = String::from_utf8(bytes) {
                return Ok(Self(text));
            }
        }
        // SAFETY: as promised by this function's caller.
        unsafe { String::from_napi_value(env, value) }.map(Self)
    }
}
