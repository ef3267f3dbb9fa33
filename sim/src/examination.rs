//! What the keys of an account are worth: who can spend, what may be lost, how likely that is, what an owner
//! should know, and what a change of the accounts does to all of this.
//!
//! A [`Subject`] is what one file says of accounts. [`examine`] looks at one of them and [`Report`] is the
//! answer; [`changes`] compares two subjects, and [`exchange`] and [`orders`] look for windows between them.
//! All of it together keeps within an [`Allowance`] of work and time.

mod allowance;
mod changing;
mod coalition;
mod comparison;
mod design;
mod difference;
mod examine;
mod forbidden;
mod next_level;
mod orders;
pub mod part;
pub mod partial;
mod period;
mod report;
pub mod subject;
mod way;
mod window;

pub use allowance::{Allowance, weight};
pub use changing::{ChangeFigures, Changing};
pub use coalition::Coalitions;
pub use comparison::{
    AccountChange, Compared, GroupChange, NumberChange, Remark, StepChanges, ViewChange, changes,
};
pub use design::{DesignFigures, Designs, RiskFigures};
pub use difference::{Besides, Entry, KeyList, OldNew, Rules, besides};
pub use examine::{Examination, Missing, Note, examine, shared};
pub use forbidden::{Warning, warnings};
pub use next_level::{NEXT_ACCOUNTS_MAX, NextLevel, next_level, state};
pub use orders::{Orders, Together, Window, orders};
pub use partial::Partial;
pub use period::{Period, PeriodError, PeriodUnit};
pub use report::{Element, KeyAnswers, Late, Report, Scheme, SignaturesCap, Views};
pub use subject::Subject;
pub use way::{Place, Purpose, Way, cap, count_of};
pub use window::{Exchange, Fewer, Opening, Turn, VIEWS, exchange, looked_at, shown};
