//! Generates the code that Swift calls the library through.

fn main() {
    uniffi::uniffi_bindgen_swift();
}
