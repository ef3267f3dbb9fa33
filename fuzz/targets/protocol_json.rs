//! libFuzzer's way into [`quorate_fuzz::protocol_json`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| quorate_fuzz::protocol_json::run(bytes));
