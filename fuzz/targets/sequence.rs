//! libFuzzer's way into [`quorate_fuzz::sequence`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| quorate_fuzz::sequence::run(bytes));
