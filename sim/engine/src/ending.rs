//! What must not outlive this program: processes that it started, files that it has half written.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Things that end with this program; none any more once they were ended.
#[derive(Debug)]
pub struct Ending<T>(Mutex<Option<BTreeSet<T>>>);

impl<T: Ord> Ending<T> {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Some(BTreeSet::new())))
    }

    fn lock(&self) -> MutexGuard<'_, Option<BTreeSet<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a thing and knows it by the first of what `make` gives. [`Ending::end`] comes before this or after
    /// it: nothing is made that it does not know of, and it ends nothing that was not made here.
    ///
    /// # Errors
    /// What `make` says; nothing is known then. `over`, and nothing is made, once all were ended.
    pub fn make<R, E>(&self, over: E, make: impl FnOnce() -> Result<(T, R), E>) -> Result<R, E> {
        let mut known = self.lock();
        let Some(known) = known.as_mut() else { return Err(over) };
        let (thing, made) = make()?;
        known.insert(thing);
        Ok(made)
    }

    /// Knows a thing no more: it ended by itself.
    pub fn forget(&self, thing: &T) {
        if let Some(known) = self.lock().as_mut() {
            known.remove(thing);
        }
    }

    /// Ends all that were made; nothing is made afterwards. Whoever wants to forget one waits until all are ended.
    pub fn end(&self, end: impl FnMut(T)) {
        let mut known = self.lock();
        known.take().into_iter().flatten().for_each(end);
    }
}

impl<T: Ord> Default for Ending<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_made_while_all_are_ended_is_ended() {
        let things = Ending::new();
        things.make((), || Ok((1, ()))).unwrap();
        things.make((), || Ok((2, ()))).unwrap();
        things.forget(&1);
        assert_eq!(things.make("over", || Err::<(i32, ()), _>("failed")), Err("failed"));
        let (sender, ended) = channel();
        std::thread::scope(|scope| {
            let (things, sender) = (&things, &sender);
            let made = things.make((), || {
                // Whoever ends all comes while this one is made and is not known yet.
                scope.spawn(move || things.end(|thing| sender.send(thing).unwrap()));
                std::thread::sleep(Duration::from_millis(50));
                Ok((3, "made"))
            });
            assert_eq!(made, Ok("made"));
        });
        assert_eq!(ended.try_iter().collect::<Vec<_>>(), [2, 3]);
        assert_eq!(things.make("over", || Ok((4, ()))), Err("over"));
        things.end(|thing| panic!("{thing} was ended already"));
    }
}
