//! The minimal sets that do one thing and not another, where many keys are interchangeable.

/// Most sets that are written out of all that were found.
pub const SETS_MAX: usize = 2_000;

/// The minimal sets of keys that spend and are not excluded, and how many there are; the first of them
/// where they are many.
///
/// Keys of one class are interchangeable, so only their numbers matter: both questions are asked about so
/// many keys of each class. More keys spend wherever fewer do.
pub fn sets_by_number<K: Clone>(
    classes: &[Vec<K>],
    spends: impl Fn(&[usize]) -> bool,
    excluded: impl Fn(&[usize]) -> bool,
) -> (Vec<Vec<K>>, usize) {
    let is_minimal = |numbers: &[usize]| {
        let fewer = |at: usize| -> Vec<usize> {
            let one = |(place, &number): (usize, &usize)| number - usize::from(place == at);
            numbers.iter().enumerate().map(one).collect()
        };
        let mut used = numbers.iter().enumerate().filter(|(_, number)| **number > 0);
        used.all(|(at, _)| !spends(&fewer(at)))
    };
    let (mut sets, mut count) = (Vec::new(), 0_usize);
    let mut numbers = vec![0; classes.len()];
    loop {
        if spends(&numbers) && !excluded(&numbers) && is_minimal(&numbers) {
            let parts = classes.iter().zip(&numbers);
            let each = parts.clone().map(|(class, &number)| choose(class.len(), number));
            count = count.saturating_add(each.fold(1, usize::saturating_mul));
            sets.extend(written_out(parts.map(|(class, &number)| (class, number))));
        }
        let next = numbers.iter_mut().zip(classes).find_map(|(number, class)| {
            *number = if *number < class.len() { *number + 1 } else { 0 };
            (*number > 0).then_some(())
        });
        if next.is_none() {
            return (sets, count);
        }
    }
}

/// How many ways there are to choose some of so many.
fn choose(all: usize, some: usize) -> usize {
    let step = |ways: u128, at: usize| {
        ways.saturating_mul((all - at) as u128).checked_div(at as u128 + 1).unwrap_or(u128::MAX)
    };
    let ways = (0..some.min(all - some)).fold(1_u128, step);
    usize::try_from(ways).unwrap_or(usize::MAX)
}

/// The sets with so many of each class, cut where they are many.
fn written_out<'c, K: Clone + 'c>(parts: impl Iterator<Item = (&'c Vec<K>, usize)>) -> Vec<Vec<K>> {
    parts.fold(vec![Vec::new()], |sets, (class, number)| {
        let choices = choices(class, number);
        let joined = |set: &Vec<K>| {
            let set = set.clone();
            choices.iter().map(move |choice| [&set[..], choice].concat()).collect::<Vec<_>>()
        };
        sets.iter().flat_map(joined).take(SETS_MAX).collect()
    })
}

/// The first choices of so many of a class.
fn choices<K: Clone>(class: &[K], number: usize) -> Vec<Vec<K>> {
    let mut all = vec![Vec::new()];
    for (at, key) in class.iter().enumerate() {
        let left = class.len() - at - 1;
        let more = all.iter().filter(|set: &&Vec<K>| set.len() < number);
        let more: Vec<Vec<K>> =
            more.map(|set| [&set[..], std::slice::from_ref(key)].concat()).collect();
        all.extend(more);
        all.retain(|set| set.len() + left >= number);
        if all.len() > 4 * SETS_MAX {
            all.sort_by_key(|set| std::cmp::Reverse(set.len()));
            all.truncate(2 * SETS_MAX);
        }
    }
    all
}
