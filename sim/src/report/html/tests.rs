use super::*;
use crate::report::sheet::{Moment, Timeline};
use crate::report::tree::{Node, picture};

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>'\"&\u{202e}";

fn moment(what: &str, picture: String) -> Moment {
    Moment { what: what.into(), picture, ..Moment::default() }
}

fn drawing(name: &str) -> String {
    picture(name, &[Node { name: name.into(), ..Node::default() }])
}

fn hostile() -> Sheet {
    let word = || HOSTILE.to_owned();
    let cell = Cell { text: word(), mark: Mark::Bad, number: false };
    let told = Moment {
        what: word(),
        note: word(),
        signers: vec![word()],
        decision: word(),
        mark: Mark::Warning,
        picture: drawing(HOSTILE),
        failures: vec![word()],
        skipped: 0,
    };
    let timeline = Timeline { title: word(), description: word(), moments: vec![told] };
    let blocks = vec![
        Block::Text(word()),
        Block::Heading(word()),
        Block::Table(Table { head: vec![word()], rows: vec![vec![cell]] }),
        Block::Picture { svg: drawing(HOSTILE), caption: word() },
        Block::Change { before: drawing(HOSTILE), after: drawing("b"), caption: word() },
        Block::Command(word()),
        Block::Verbatim(word()),
        Block::OnPage(vec![Block::Text(word())]),
        Block::Timeline(timeline),
    ];
    let folded = Block::Folded { title: word(), blocks: blocks.clone() };
    Sheet {
        title: word(),
        verdict: Some((Mark::Bad, word())),
        lead: word(),
        facts: vec![(word(), word())],
        sections: vec![Section { title: word(), blocks: [blocks, vec![folded]].concat() }],
        reproduce: Some(word()),
        conclusion: None,
    }
}

#[test]
fn no_word_becomes_markup() {
    let page = page(&hostile());
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(!page.contains("<img"));
    assert!(!page.contains('\u{202e}'));
    assert!(
        page.matches("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&#39;&quot;&amp;").count()
            > 20
    );
}

#[test]
fn the_policy_names_the_script_and_nothing_is_loaded() {
    let page = page(&hostile());
    let script = page.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let hash = data_encoding::BASE64.encode(&Sha256::digest(script));
    assert!(page.contains(&format!("script-src 'sha256-{hash}'")));
    let outside = page.replace("http://www.w3.org/2000/svg", "").replace("img src=x", "");
    assert!(!outside.contains("http:") && !outside.contains("https:") && !outside.contains("src="));
}

#[test]
fn anchors_are_unique_and_the_contents_point_at_them() {
    let section = |title: &str| Section { title: title.into(), blocks: Vec::new() };
    let sections = vec![section("Hazards"), section("Hazards"), section("§")];
    let page = page(&Sheet { sections, ..Sheet::default() });
    for anchor in ["s-hazards", "s-hazards-2", "s-"] {
        assert_eq!(page.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
        assert!(page.contains(&format!("<a href=\"#{anchor}\">")), "{anchor}");
    }
}

#[test]
fn a_drawing_stands_once_and_is_used_again() {
    let moments = vec![
        moment("one", drawing("x")),
        moment("two", drawing("x")),
        moment("three", String::new()),
        moment("four", drawing("y")),
        moment("five", drawing("x")),
    ];
    let timeline = Timeline { title: "t".into(), description: String::new(), moments };
    let section = Section { title: "s".into(), blocks: vec![Block::Timeline(timeline)] };
    let page = page(&Sheet { sections: vec![section], ..Sheet::default() });
    assert_eq!(page.matches("id=\"t1-p").count(), 2);
    assert_eq!(page.matches("<use href=\"#t1-p0\"/>").count(), 1);
    assert_eq!(page.matches("class=\"stand\"").count(), 3);
    assert!(page.contains("id=\"t1-4\"") && !page.contains("id=\"t1-5\""));
}

#[test]
fn a_long_story_says_what_is_left_out() {
    let mut moments: Vec<Moment> =
        (0..100_000).map(|step| moment("step", drawing(&step.to_string()))).collect();
    moments[3].skipped = 7;
    let timeline = Timeline { moments, ..Timeline::default() };
    let section = Section { title: "s".into(), blocks: vec![Block::Timeline(timeline)] };
    let page = page(&Sheet { sections: vec![section], ..Sheet::default() });
    assert!(page.len() < 2 << 20, "{}", page.len());
    assert!(page.contains("7 steps left out here") && page.contains("99,400 steps left out here"));
    assert!(page.contains("Step 100006<"));
}

#[test]
fn drawings_beyond_the_bound_are_left_out() {
    let big = format!("<svg width=\"1\" height=\"1\">{}</svg>", " ".repeat(PICTURE_BYTES_MAX / 2));
    let block = Block::Change { before: big.clone(), after: big, caption: String::new() };
    let section = Section { title: "s".into(), blocks: vec![block.clone(), block] };
    let page = page(&Sheet { sections: vec![section], ..Sheet::default() });
    assert_eq!(page.matches("this drawing is left out").count(), 3);
}

#[test]
fn marks_are_signs_too() {
    let row = |mark| vec![Cell::text("x").marked(mark)];
    let table = Table { head: vec!["x".into()], rows: vec![row(Mark::Good), row(Mark::Bad)] };
    let section = Section { title: "s".into(), blocks: vec![Block::Table(table)] };
    let page = page(&Sheet { sections: vec![section], ..Sheet::default() });
    assert!(page.contains("\u{2713}</span>x") && page.contains("\u{2717}</span>x"));
}

#[test]
fn long_rows_go_below_each_other_on_a_phone_and_short_ones_do_not() {
    let headed = |first: Cell, words: &str| Table {
        head: ["Name", "Why"].map(str::to_owned).to_vec(),
        rows: vec![vec![first, Cell::text(words)]],
    };
    let table = |words: &str| headed(Cell::text("takeover"), words);
    let written = |one: &Table| {
        let mut text = String::new();
        super::table(&mut text, one);
        text
    };
    let long = written(&table("a removal needs min removal and may lower min approval"));
    assert!(
        long.contains("<table class=\"stacks\">") && long.contains("data-head=\"Why\""),
        "{long}"
    );
    assert!(!long.contains("data-head=\"Name\""), "the name of the row needs none: {long}");
    let numbered =
        headed(Cell::number("3"), "a removal needs min removal and may lower min approval");
    let numbered = written(&numbered);
    assert!(numbered.contains("data-head=\"Name\""), "a number needs one: {numbered}");
    let short = written(&table("it is"));
    assert!(!short.contains("stacks") && !short.contains("data-head"), "{short}");
}
