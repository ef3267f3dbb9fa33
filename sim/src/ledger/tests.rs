//! Tests of the ledger that the recorded traces do not cover.
