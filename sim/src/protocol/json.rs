//! A protocol of one's own as JSON: a base and what it changes.
