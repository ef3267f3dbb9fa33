//! `protocols`: the known protocols, or one of them in full.

use super::{Block, Cell, Section, Sheet, Table, head};
use crate::protocol::json::{Description, Presets};

impl From<&Presets> for Sheet {
    fn from(answer: &Presets) -> Self {
        let row = |one: &Description| {
            let about = one.about.as_deref().unwrap_or_default();
            vec![Cell::text(one.name.as_str()), Cell::text(about)]
        };
        let rows = answer.protocols.iter().map(row).collect();
        let blocks = vec![Block::Table(Table { head: Vec::new(), rows })];
        Self {
            title: "Known protocols".into(),
            lead: "`quorate protocols NAME` prints one with the source of every limit.".into(),
            sections: vec![Section { title: String::new(), blocks }],
            ..Self::default()
        }
    }
}

impl From<&Description> for Sheet {
    fn from(answer: &Description) -> Self {
        let limit = |one: &crate::protocol::json::LimitSource| {
            vec![
                Cell::text(one.limit.as_str()),
                Cell { number: true, ..Cell::text(one.value.as_str()) },
                Cell::text(one.source.as_str()),
            ]
        };
        let switches = answer.switches.spelt().into_iter();
        let switch = switches.map(|(name, value)| {
            vec![Cell::text(name), Cell::text(value.unwrap_or_else(|| "no use".to_owned()))]
        });
        let limits = Table {
            head: head(&["Limit", "Value", "Source"]),
            rows: answer.sources.iter().map(limit).collect(),
        };
        let switches = Table { head: head(&["Switch", "Value"]), rows: switch.collect() };
        Self {
            title: format!("{} (rules: {})", answer.name, answer.base),
            sections: vec![
                Section { title: "Limits".into(), blocks: vec![Block::Table(limits)] },
                Section { title: "Switches".into(), blocks: vec![Block::Table(switches)] },
            ],
            ..Self::default()
        }
    }
}
