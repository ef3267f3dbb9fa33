//! The accounts of a file, one after the other: what each may cost, and where its answer goes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::answer::{json, show};
use super::super::output::{Reader, print, print_json, remark};
use super::super::replay::Format;
use super::super::{Exit, Fatal};
use super::picture;
use super::subject::Subject;
use super::{Arguments, refuse_forbidden, structure, targets};
use crate::account::AccountId;
use crate::analysis::{Options, Structure};
use crate::examination::{
    Allowance, Element, Examination, Late, NEXT_ACCOUNTS_MAX, NextLevel, Place, Report, examine,
    next_level, part, weight,
};
use crate::report::file;
use crate::report::render::{self, Drawing};

/// The accounts of a file, or of one of its lines, that are asked for.
struct Line<'a> {
    subject: &'a Subject,
    parts: Vec<(Subject, Structure)>,
    /// The part of each account, its id there, and its weight beside the others that share keys.
    wanted: Vec<(usize, AccountId, Option<f64>)>,
}

/// Tells of each account that is asked for.
pub fn run(
    subjects: &[Subject],
    file: &Path,
    arguments: &Arguments,
    allowance: &Allowance,
) -> Result<Exit, Fatal> {
    let lines = subjects.iter().map(|subject| Line::of(file, subject, arguments));
    let lines = lines.collect::<Result<Vec<Line<'_>>, Fatal>>()?;
    let count = lines.iter().map(|line| line.wanted.len()).sum();
    let (reports, drawings) = (Vec::new(), Vec::new());
    let mut listing = Listing { arguments, count, printed: 0, late: 0, reports, drawings };
    for (place, line) in lines.iter().enumerate() {
        let mut left: f64 = line.wanted.iter().filter_map(|one| one.2).sum();
        // work is for each line, time for all of them
        allowance.start(lines.len() - place);
        for &(part, target, weight) in &line.wanted {
            let Some((subject, structure)) = line.parts.get(part) else { continue };
            let around = Place { subject, structure, target };
            let share = weight.map(|weight| weight / left);
            listing.account(line.subject, around, share, allowance)?;
            left -= weight.unwrap_or(0.0);
        }
    }
    listing.end(allowance)
}

impl<'a> Line<'a> {
    fn of(file: &Path, subject: &'a Subject, arguments: &Arguments) -> Result<Self, Fatal> {
        let whole = structure(file, subject)?;
        refuse_forbidden(arguments, file, subject, &whole)?;
        let targets = targets(file, subject, &whole, arguments.account.as_deref())?;
        let names: Vec<String> =
            targets.iter().map(|&target| whole.name(target).to_owned()).collect();
        let parts = part::parts(subject).into_iter().map(|part| {
            let structure = structure(file, &part)?;
            Ok((part, structure))
        });
        let mut parts = parts.collect::<Result<Vec<_>, Fatal>>()?;
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (place, (_, structure)) in parts.iter().enumerate() {
            for account in structure.accounts() {
                places.insert(structure.name(account), place);
            }
        }
        let found: Vec<Option<usize>> =
            names.iter().map(|name| places.get(name.as_str()).copied()).collect();
        let mut wanted = Vec::new();
        for (name, place) in names.iter().zip(found) {
            // a key that signs for nobody is a part of its own
            let place = match place {
                Some(place) => place,
                None => {
                    let lone = part::alone(subject, name);
                    let structure = structure(file, &lone)?;
                    parts.push((lone, structure));
                    parts.len() - 1
                }
            };
            let Some((part, structure)) = parts.get(place) else { continue };
            if let Some(target) = structure.target(name) {
                let weight = weight(structure, target, !part.groups.is_empty());
                wanted.push((place, target, weight));
            }
        }
        Ok(Self { subject, parts, wanted })
    }
}

/// Where the answers go.
struct Listing<'a> {
    arguments: &'a Arguments,
    count: usize,
    printed: usize,
    /// How many accounts there was no time for.
    late: usize,
    /// For the page, where one is asked for.
    reports: Vec<Report>,
    drawings: Vec<Drawing>,
}

impl Listing<'_> {
    fn account(
        &mut self,
        whole: &Subject,
        around: Place<'_>,
        share: Option<f64>,
        allowance: &Allowance,
    ) -> Result<(), Fatal> {
        if allowance.is_late() && self.printed > 0 {
            return self.leave_out(around.structure.name(around.target));
        }
        let arguments = self.arguments;
        let subject = &part::below(around.subject, around.structure, around.target);
        let structure = &structure(Path::new(""), subject)?;
        let target = structure.target(around.structure.name(around.target)).unwrap_or_default();
        let near = Place { subject, structure, target };
        let options = allowance.options(share);
        let list_max = options.list_max.max(arguments.list.unwrap_or(0));
        let options = Options { list_max, ..options };
        let mut found = examine(near, around, whole, &options);
        let left = options.budget.without(found.answers.work);
        found.next = match self.count {
            few if few <= NEXT_ACCOUNTS_MAX => next_level(subject, &found, &left),
            _ => NextLevel::Skipped,
        };
        allowance.add(share, found.answers.work);
        save(arguments, &found)?;
        let path = arguments.svg.as_deref();
        let path = path.map(|path| svg_path(path, whole, &found, self.count > 1));
        picture::save(path.as_deref(), subject, structure, &found)?;
        let mut report = Report { period: arguments.period, ..Report::new(whole, &found) };
        let drawing = || picture::drawn(subject, structure, &found);
        if arguments.format == Format::Text {
            self.text(&report, &drawing())?;
        }
        if arguments.page.is_wanted() {
            self.drawings.push(drawing());
            self.reports.push(report.clone());
        }
        if arguments.format == Format::Json {
            arguments.list.into_iter().for_each(|most| report.leave_out(most));
            self.json(&Element::Account(Box::new(report)))?;
        }
        self.printed += 1;
        Ok(())
    }

    /// One account as text; what is the same for all accounts stands at the first one only.
    fn text(&self, report: &Report, drawing: &Drawing) -> Result<(), Fatal> {
        let list = Some(self.arguments.list.unwrap_or(0));
        let mut sheet = render::account(report, Some(drawing), list);
        if self.printed > 0 {
            print("\n")?;
            sheet.lead.clear();
        }
        if self.count > 1 {
            sheet.facts.clear();
        }
        show(&sheet, false)?;
        Ok(())
    }

    /// Says of an account that there was no time for it.
    fn leave_out(&mut self, account: &str) -> Result<(), Fatal> {
        if self.arguments.format == Format::Json {
            self.json(&Element::Late(Late { account: account.to_owned(), complete: false }))?;
        }
        self.late += 1;
        Ok(())
    }

    /// The next element of the list, which is never held as a whole.
    fn json(&self, element: &Element) -> Result<(), Fatal> {
        let before = if self.printed + self.late == 0 { "[" } else { "," };
        print_json(&format!("{before}{}", json(element)?.trim_end()))?;
        Ok(())
    }

    fn end(self, allowance: &Allowance) -> Result<Exit, Fatal> {
        let (printed, count) = (self.printed, self.count);
        self.arguments.page.save(|| render::analyze(&self.reports, &self.drawings))?;
        match self.arguments.format {
            Format::Json if count == 0 => print("[]\n")?,
            Format::Json => print("]\n")?,
            Format::Text if count == 0 => print("no multisig account\n")?,
            Format::Text if allowance.is_stopped() => {
                print(&format!("incomplete: stopped at account {printed} of {count}\n"))?
            }
            Format::Text if self.late > 0 => {
                print(&format!("incomplete: time was up after {printed} of {count} accounts\n"))?
            }
            Format::Text => Reader::Listens,
        };
        Ok(if allowance.is_stopped() { Exit::Stopped } else { Exit::Good })
    }
}

/// Writes the ways, each a scenario of its own.
fn save(arguments: &Arguments, found: &Examination) -> Result<(), Fatal> {
    let Some(folder) = &arguments.save else { return Ok(()) };
    let unwritable =
        |path: &Path, error| Fatal(format!("{}: cannot write: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for way in &found.ways {
        let path =
            folder.join(format!("{}-{}.json", file::name_of(&way.account), way.purpose.name()));
        file::save(&path, &way.scenario).map_err(|error| unwritable(&path, error))?;
        remark(&path.display().to_string());
    }
    Ok(())
}

/// Where the picture of one account goes: of several, each has its name before the ending.
fn svg_path(path: &Path, subject: &Subject, found: &Examination, several: bool) -> PathBuf {
    if !several {
        return path.to_owned();
    }
    let stem = path.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    let id = subject.id.as_deref().filter(|_| subject.target.is_some());
    let id = id.map_or(String::new(), |id| format!("{}-", file::name_of(id)));
    path.with_file_name(format!("{stem}-{id}{}.svg", file::name_of(&found.account)))
}
