//! libFuzzer's way into [`quorate_fuzz::rollback`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| quorate_fuzz::rollback::run(bytes));
