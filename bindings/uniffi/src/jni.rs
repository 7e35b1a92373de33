//! The JVM's frequent calls, over JNI: JNA makes structures of all that crosses, which takes longer than to
//! verify a token.
//!
//! What crosses here is in uniffi's own encoding, which the generated code writes and reads.

use jni::errors::Result as JniResult;
use jni::objects::{JByteArray, JClass};
use jni::sys::jlong;
use jni::{Env, EnvUnowned, NativeMethod, native_method};
use stytch_m2m::Secret;
use stytch_m2m::internals;
use uniffi::{Lift, Lower};

use crate::UniFfiTag;
use crate::error::{NativeError, Result};
use crate::records::arguments::{VerifyRequest, VerifySettings};
use crate::records::json;
use crate::source::TOKEN_SOURCES;
use crate::verifier::VERIFIERS;

/// What the class `NativeCalls` declares. Null is for an object that is closed.
const METHODS: &[NativeMethod<'_>] = &[
    native_method! {
        static fn authenticate_token(id: jlong, token: jbyte[], options: jbyte[]) -> jbyte[],
    },
    native_method! { static fn get_token(id: jlong) -> jbyte[] },
    native_method! { static fn parse_json(text: jbyte[]) -> jbyte[] },
];

/// Gives `class` its native methods. JNA calls this with what it hands on of JNI: so they are those of the
/// very library that JNA has loaded, wherever from.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn stytch_m2m_register_natives(mut env: EnvUnowned<'_>, class: JClass<'_>) {
    let registered = env.with_env(|env| {
        // SAFETY: `native_method!` checks each function against its signature, and all are static.
        unsafe { env.register_native_methods(class, METHODS) }
    });
    registered.resolve::<jni::errors::ThrowRuntimeExAndDefault>();
}

fn authenticate_token<'local>(
    env: &mut Env<'local>,
    _: JClass<'local>,
    id: jlong,
    token: JByteArray<'local>,
    options: JByteArray<'local>,
) -> JniResult<JByteArray<'local>> {
    let Some(verifier) = VERIFIERS.get(id) else { return Ok(JByteArray::null()) };
    // The facade made the bytes of text; what is no text is no token, either.
    let token = String::from_utf8(env.convert_byte_array(token)?).unwrap_or_default();
    let options = env.convert_byte_array(options)?;
    let outcome = read(&options).and_then(|options: VerifySettings| {
        let access_token = Secret::new(token);
        verifier.authenticate_token_now(VerifyRequest { access_token, options })
    });
    env.byte_array_from_slice(&written(outcome))
}

fn get_token<'local>(
    env: &mut Env<'local>,
    _: JClass<'local>,
    id: jlong,
) -> JniResult<JByteArray<'local>> {
    match TOKEN_SOURCES.get(id) {
        Some(source) => env.byte_array_from_slice(&written(Ok(source.cached_token()))),
        None => Ok(JByteArray::null()),
    }
}

fn parse_json<'local>(
    env: &mut Env<'local>,
    _: JClass<'local>,
    text: JByteArray<'local>,
) -> JniResult<JByteArray<'local>> {
    // The facade made the bytes of text.
    let text = String::from_utf8(env.convert_byte_array(text)?).unwrap_or_default();
    env.byte_array_from_slice(&written(json::parse_json("custom_claims", &text)))
}

/// What the generated code wrote.
fn read<T: Lift<UniFfiTag>>(mut bytes: &[u8]) -> Result<T, NativeError> {
    T::try_read(&mut bytes)
        .map_err(|_| internals::invalid_config("argument", "an argument came broken").into())
}

/// For `NativeCalls` to read: whether the call failed, and the value or the error.
fn written<T: Lower<UniFfiTag>>(outcome: Result<T, NativeError>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    bytes.push(u8::from(outcome.is_err()));
    match outcome {
        Ok(value) => T::write(value, &mut bytes),
        Err(error) => <NativeError as Lower<UniFfiTag>>::write(error, &mut bytes),
    }
    bytes
}
