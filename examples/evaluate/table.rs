//! Figures, and how they are printed.

/// One case that came out otherwise than expected.
pub struct Miss {
    pub case: String,
    pub expected: String,
    pub got: String,
}

/// What a figure should be.
pub enum Goal {
    /// Hits in a hundred cases, at least.
    Percent(f64),
    /// The figure is reported, and nobody has promised one.
    Open,
}

/// One line of the table.
pub struct Row {
    pub set: String,
    pub measured: String,
    pub of: String,
    /// How much of it is right, from 0 to 100.
    pub percent: Option<f64>,
    pub goal: Goal,
    pub misses: Vec<Miss>,
}

impl Row {
    /// Hits among cases, each of which is one or brings its miss.
    pub fn hits(set: impl Into<String>, goal: Goal, cases: impl IntoIterator<Item = Result<(), Miss>>) -> Row {
        let cases: Vec<_> = cases.into_iter().collect();
        let of = cases.len();
        let misses: Vec<Miss> = cases.into_iter().filter_map(Result::err).collect();
        let hits = of - misses.len();
        let percent = (of > 0).then(|| 100.0 * hits as f64 / of as f64);
        Row { set: set.into(), measured: hits.to_string(), of: of.to_string(), percent, goal, misses }
    }

    /// A figure that is no share of anything.
    pub fn figure(set: impl Into<String>, measured: impl Into<String>) -> Row {
        Row {
            set: set.into(),
            measured: measured.into(),
            of: String::new(),
            percent: None,
            goal: Goal::Open,
            misses: Vec::new(),
        }
    }

    pub fn missing(set: impl Into<String>) -> Row {
        Row::figure(set, "not there")
    }

    /// ` 93.7  met`
    fn verdict(&self) -> String {
        match (&self.goal, self.percent) {
            (Goal::Percent(goal), Some(percent)) => {
                format!("{goal:>5.1}  {}", if percent >= *goal { "met" } else { "NOT MET" })
            }
            (Goal::Percent(goal), None) => format!("{goal:>5.1}"),
            (Goal::Open, _) => "    -".to_owned(),
        }
    }
}

pub fn print(rows: &[Row]) {
    let width = rows.iter().map(|row| row.set.chars().count()).max().unwrap_or(0);
    println!("{:<width$}  {:>16} {:>6} {:>9}  {:>5}", "set", "measured", "of", "per cent", "goal");
    for row in rows {
        let percent = row.percent.map(|percent| format!("{percent:.1}")).unwrap_or_default();
        println!("{:<width$}  {:>16} {:>6} {:>9}  {}", row.set, row.measured, row.of, percent, row.verdict());
    }
}

pub fn print_misses(rows: &[Row], set: &str) -> anyhow::Result<()> {
    let Some(row) = rows.iter().find(|row| row.set == set) else {
        let sets: Vec<&str> = rows.iter().map(|row| row.set.as_str()).collect();
        anyhow::bail!("there is no set `{set}`\n  fix: name one of: {}", sets.join(", "));
    };
    for Miss { case, expected, got } in &row.misses {
        println!("## {case}\nexpected: {expected}\n     got: {got}\n");
    }
    println!("{}: {} of {}", row.set, row.measured, row.of);
    Ok(())
}
