//! The figures as a plain table, and whether each target was met.

use std::fmt;

/// A series of measurements.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series(Vec<f64>);

impl Series {
    /// Adds one.
    pub fn push(&mut self, value: f64) {
        let at = self.0.partition_point(|other| *other <= value);
        self.0.insert(at, value);
    }

    /// The middle one; with an even number, the mean of the two in the middle. 0 for none.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match (self.0.get(middle.wrapping_sub(1)), self.0.get(middle)) {
            (Some(low), Some(high)) if self.0.len().is_multiple_of(2) => f64::midpoint(*low, *high),
            (_, Some(one)) => *one,
            _ => 0.0,
        }
    }
}

/// What a row shows.
enum Figures {
    Series(Series),
    Compared(f64),
}

struct Row {
    what: String,
    unit: &'static str,
    figures: Figures,
    /// At most this.
    target: Option<f64>,
}

impl Row {
    fn judged(&self) -> f64 {
        match &self.figures {
            Figures::Series(series) => series.median(),
            Figures::Compared(value) => *value,
        }
    }
}

/// All figures of a run.
#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// A series; its median is what `target` is about.
    pub fn series(&mut self, what: &str, unit: &'static str, series: Series, target: Option<f64>) {
        self.0.push(Row { what: what.to_owned(), unit, figures: Figures::Series(series), target });
    }

    /// A figure made of two medians.
    pub fn compared(&mut self, what: &str, unit: &'static str, value: f64, target: f64) {
        let figures = Figures::Compared(value);
        self.0.push(Row { what: what.to_owned(), unit, figures, target: Some(target) });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:44}{:>5}{:>9}{:>9}{:>9}  {:5}target", "", "n", "min", "median", "max", "")?;
        for row in &self.0 {
            write!(f, "{:44}", row.what)?;
            match &row.figures {
                Figures::Series(Series(all)) => write!(
                    f,
                    "{:>5}{:>9.2}{:>9.2}{:>9.2}",
                    all.len(),
                    all.first().unwrap_or(&0.0),
                    row.judged(),
                    all.last().unwrap_or(&0.0)
                )?,
                Figures::Compared(value) => write!(f, "{:>14}{value:>9.2}{:>9}", "", "")?,
            }
            write!(f, "  {:5}", row.unit)?;
            match row.target {
                Some(target) if row.judged() <= target => writeln!(f, "≤ {target}  pass")?,
                Some(target) => writeln!(f, "≤ {target}  MISS")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        let mut series = Series::default();
        values.iter().for_each(|value| series.push(*value));
        series
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(series(&[3.0, 1.0, 2.0]).median().to_bits(), 2.0_f64.to_bits());
        assert_eq!(series(&[4.0, 1.0, 2.0, 3.0]).median().to_bits(), 2.5_f64.to_bits());
        assert_eq!(series(&[]).median().to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn a_miss_is_said() {
        let mut table = Table::default();
        table.series("one", "ms", series(&[1.0, 2.0, 9.0]), Some(2.0));
        table.compared("two", "×", 1.3, 1.15);
        let text = table.to_string();
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        assert!(line("one").ends_with("≤ 2  pass"), "{text}");
        assert!(line("two").ends_with("≤ 1.15  MISS"), "{text}");
    }
}
