//! libFuzzer's way into [`quorate_fuzz::wire`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| quorate_fuzz::wire::run(bytes));
