//! The command line as a user meets it: each `.trycmd` file is a transcript.

#[test]
fn transcripts() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd");
}
