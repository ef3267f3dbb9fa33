//! libFuzzer's way into [`quorate_fuzz::scenario`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| quorate_fuzz::scenario::run(bytes));
