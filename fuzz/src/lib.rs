//! Coverage-guided targets over the public API of `quorate`.
