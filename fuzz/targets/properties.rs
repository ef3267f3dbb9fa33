//! libFuzzer's way into [`quorate_fuzz::properties`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| quorate_fuzz::properties::run(bytes));
