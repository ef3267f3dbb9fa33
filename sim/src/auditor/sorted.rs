//! Small sets and maps as sorted lists: a copy is one run of memory, which matters to somebody who
//! copies the whole world for every step.

/// A set, its members ascending.
#[derive(Debug, PartialEq, Eq)]
pub struct Set<T>(Vec<T>);

impl<T> Set<T> {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The members, ascending.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the members that are wanted.
    pub fn retain(&mut self, wanted: impl FnMut(&T) -> bool) {
        self.0.retain(wanted);
    }
}

impl<T: Ord> Set<T> {
    /// Takes a member in; whether it was not there before.
    pub fn insert(&mut self, member: T) -> bool {
        match self.0.binary_search(&member) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, member);
                true
            }
        }
    }

    /// Lets a member go; whether it was there.
    pub fn remove(&mut self, member: &T) -> bool {
        match self.0.binary_search(member) {
            Ok(place) => {
                self.0.remove(place);
                true
            }
            Err(_) => false,
        }
    }

    /// Whether it is a member.
    #[must_use]
    pub fn contains(&self, member: &T) -> bool {
        self.0.binary_search(member).is_ok()
    }

    /// Whether all members are in the other set, too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|member| other.contains(member))
    }

    /// Whether no member is in the other set.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        !self.iter().any(|member| other.contains(member))
    }

    /// The members that are not in the other set.
    pub fn difference<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = &'s T> {
        self.iter().filter(|member| !other.contains(member))
    }

    /// The members that are in both.
    pub fn intersection<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = &'s T> {
        self.iter().filter(|member| other.contains(member))
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Clone for Set<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, members: I) {
        for member in members {
            self.insert(member);
        }
    }
}

impl<'m, T: Ord + Copy + 'm> Extend<&'m T> for Set<T> {
    fn extend<I: IntoIterator<Item = &'m T>>(&mut self, members: I) {
        self.extend(members.into_iter().copied());
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        let mut list: Vec<T> = members.into_iter().collect();
        if !list.is_sorted_by(|one, other| one < other) {
            list.sort_unstable();
            list.dedup();
        }
        Self(list)
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for Set<T> {
    fn from(members: [T; N]) -> Self {
        Self::from_iter(members)
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'s, T> IntoIterator for &'s Set<T> {
    type Item = &'s T;
    type IntoIter = std::slice::Iter<'s, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// A map, its keys ascending.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Map<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Map<K, V> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.cmp(key))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.0.get(self.place(key).ok()?).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let place = self.place(key).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// The entries whose keys compare as equal, one behind the other.
    pub(super) fn run(&self, compare: impl Fn(&K) -> std::cmp::Ordering) -> &[(K, V)] {
        let start = self.0.partition_point(|(key, _)| compare(key).is_lt());
        let rest = self.0.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|(key, _)| compare(key).is_eq()).count();
        rest.get(..length).unwrap_or_default()
    }

    pub(super) fn contains_key(&self, key: &K) -> bool {
        self.place(key).is_ok()
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        match self.place(&key) {
            Ok(place) => {
                if let Some(entry) = self.0.get_mut(place) {
                    entry.1 = value;
                }
            }
            Err(place) => self.0.insert(place, (key, value)),
        }
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Ok(place) = self.place(key) {
            self.0.remove(place);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Clone, V: Clone> Clone for Map<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_sorted_and_holds_each_once() {
        let mut set: Set<u8> = [3, 1, 3].into();
        assert!(set.insert(2) && !set.insert(1) && set.remove(&3) && !set.remove(&9));
        assert_eq!(set.iter().copied().collect::<Vec<_>>(), [1, 2]);
        assert!(set.is_subset(&[1, 2, 4].into()) && set.is_disjoint(&[5].into()));
        assert_eq!(set.difference(&[1].into()).count(), 1);
        assert_eq!(set.intersection(&[1].into()).count(), 1);
    }

    #[test]
    fn a_map_keeps_the_last_value_of_a_key() {
        let mut map = Map::new();
        map.insert(2, 'a');
        map.insert(1, 'b');
        map.insert(2, 'c');
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&1, &'b'), (&2, &'c')]);
        map.remove(&1);
        assert!(map.get(&1).is_none() && map.contains_key(&2));
    }
}
