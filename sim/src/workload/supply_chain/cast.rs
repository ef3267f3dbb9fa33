//! Who takes part: so many shipments that each has no more sensors than its protocol can hold.

use super::super::{WorkloadSettings, header};
use crate::account::AccountId;
use crate::mosaic::{Definition, MosaicId};
use crate::protocol::Protocol;
use crate::scenario::Header;
use crate::unit::Amount;

/// Everybody.
pub(super) struct Cast {
    pub shipments: Vec<Shipment>,
    /// Every sensor with the number of its shipment.
    pub sensors: Vec<(usize, AccountId)>,
    pub archive: AccountId,
    pub pharmacy: AccountId,
}

/// One shipment: its accounts and mosaics.
pub(super) struct Shipment {
    pub shipment: AccountId,
    pub shipping: AccountId,
    pub production: AccountId,
    pub inspection: AccountId,
    pub staff: [AccountId; 2],
    pub inspectors: [AccountId; 3],
    pub sensors: Vec<AccountId>,
    pub reports: MosaicId,
    pub produced: MosaicId,
    pub inspected: MosaicId,
    pub approval: MosaicId,
}

/// Those of a shipment who are no sensors.
const ROLES: [&str; 9] = [
    "shipment",
    "shipping",
    "production",
    "safety-inspection",
    "line-manager",
    "batch-recorder",
    "inspector-1",
    "inspector-2",
    "inspector-3",
];

/// What accounts hold of the currency, in its smallest unit, where there is enough for all.
const EACH: u64 = 10_000_000_000_000;

/// Casts the story and writes its header.
pub(super) fn cast(
    plan: &WorkloadSettings,
    sensors: u32,
    days: u32,
) -> Result<(Cast, Header), String> {
    let most = sensors_of_a_shipment(&plan.protocol)?;
    let count = sensors.div_ceil(most);
    let width = count.to_string().len();
    let suffix = |shipment: u32| match count {
        1 => String::new(),
        _ => format!("-{:0width$}", shipment + 1),
    };
    let places = most.min(sensors).to_string().len();
    let sensor =
        |shipment: u32, number: u32| format!("sensor{}-{:0places$}", suffix(shipment), number + 1);
    let of = |shipment: u32| most.min(sensors - shipment * most);
    let mut labels = vec!["archive".to_owned(), "pharmacy".to_owned()];
    for shipment in 0..count {
        labels.extend(ROLES.map(|role| format!("{role}{}", suffix(shipment))));
        labels.extend((0..of(shipment)).map(|number| sensor(shipment, number)));
    }
    let mut header = header(&plan.protocol, &labels)?;
    let accounts = header.names.accounts.clone();
    let find = |label: &str| accounts.find(label).unwrap_or_default();
    let mut cast = Cast {
        shipments: Vec::new(),
        sensors: Vec::new(),
        archive: find("archive"),
        pharmacy: find("pharmacy"),
    };
    for number in 0..count {
        let [shipment, shipping, production, inspection, manager, recorder, one, two, three] =
            ROLES.map(|role| find(&format!("{role}{}", suffix(number))));
        let mut mosaic = |name: &str, owner: AccountId, holder: AccountId, amount: u64| {
            let id = header.names.define_mosaic(&format!("{name}{}", suffix(number)));
            let definition = Definition { owner, transferable: true, ..Definition::default() };
            header.genesis.definitions.push((id, definition));
            header.genesis.balances.push((holder, id, Amount(amount)));
            id
        };
        let sensors: Vec<AccountId> =
            (0..of(number)).map(|place| find(&sensor(number, place))).collect();
        cast.sensors.extend(sensors.iter().map(|&sensor| (number as usize, sensor)));
        cast.shipments.push(Shipment {
            reports: mosaic("daily-report", shipping, shipping, u64::from(days)),
            produced: mosaic("production-record", production, production, 1),
            inspected: mosaic("inspection-record", inspection, inspection, 1),
            approval: mosaic("quality-approval", shipment, shipment, 1),
            shipment,
            shipping,
            production,
            inspection,
            staff: [manager, recorder],
            inspectors: [one, two, three],
            sensors,
        });
    }
    if plan.protocol.base.has_fees() {
        let each = Amount(EACH.min(u64::MAX / 2 / labels.len() as u64));
        let rich = accounts.ids().map(|account| (account, MosaicId::CURRENCY, each));
        header.genesis.balances.extend(rich);
    }
    Ok((cast, header))
}

/// How many sensors the tree of one shipment can have: all of them sign its reports, its approval and
/// its beginning.
fn sensors_of_a_shipment(protocol: &Protocol) -> Result<u32, String> {
    let limits = &protocol.limits;
    let cosignatories = limits.max_cosignatories_per_account;
    let most = match protocol.base.has_levels() {
        // Production and safety inspection stand beside the sensors.
        false => cosignatories.min(limits.max_transactions_per_block.saturating_sub(4) / 2) - 2,
        true if limits.max_multisig_depth < 2 || limits.max_transactions_per_aggregate < 4 => 0,
        // The tree begins with the signatures of nine accounts and all sensors.
        true => cosignatories.min(limits.max_cosignatures_per_aggregate.saturating_sub(9)),
    };
    if most == 0 || cosignatories < 3 {
        return Err(
            "found limits too tight for its tree, expected at least 3 cosignatories, depth 2, \
                    4 transactions and 10 signatures an aggregate"
                .into(),
        );
    }
    Ok(most)
}
