//! libFuzzer's way into [`quorate_fuzz::faulty`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| quorate_fuzz::faulty::run(bytes));
