//! The strict reader of a server's `config-network.properties`.
