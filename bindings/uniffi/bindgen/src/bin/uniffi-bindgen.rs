//! Generates the code that Kotlin calls the library through.

fn main() {
    uniffi::uniffi_bindgen_main();
}
