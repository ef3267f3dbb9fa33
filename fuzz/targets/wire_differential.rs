//! libFuzzer's way into [`quorate_fuzz::wire_differential`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| quorate_fuzz::wire_differential::run(bytes));
