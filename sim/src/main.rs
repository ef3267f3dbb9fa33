//! The binary `quorate`: the command line of the library of the same name.

fn main() -> std::process::ExitCode {
    quorate::cli::run()
}
