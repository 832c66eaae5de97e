//! `schedule.xml`: `<schedule><day><room><event>…`.

use super::{Event, Fault, Link, Person};
use roxmltree::{Document, Node};

pub fn read(text: &str) -> Result<Vec<Event>, Fault> {
    let document = Document::parse(text).map_err(|error| {
        let line = error.pos().row as usize;
        Fault::at(line, format!("this is no well-formed XML: {error}"), "export the timetable again")
    })?;
    let root = document.root_element();
    if !root.has_tag_name("schedule") {
        let what = format!("the document is a `<{}>`, not a `<schedule>`", root.tag_name().name());
        return Err(Fault::at(line(&root), what, "export the timetable as `schedule.xml` (frab, pentabarf, pretalx)"));
    }
    let events = root.descendants().filter(|node| node.has_tag_name("event") && in_room(node));
    Ok(events.map(|node| event(&node)).collect())
}

fn in_room(node: &Node) -> bool {
    node.parent_element().is_some_and(|parent| parent.has_tag_name("room"))
}

fn event(node: &Node) -> Event {
    let words = |name: &str| child(node, name).and_then(|child| child.text()).unwrap_or_default().trim().to_owned();
    let list = |name: &str| child(node, name).into_iter().flat_map(|list| list.children().collect::<Vec<_>>());
    let persons = list("persons").filter(|one| one.has_tag_name("person"));
    let links = list("links").filter(|one| one.has_tag_name("link")).filter_map(|one| one.attribute("href"));
    let room =
        node.parent_element().and_then(|room| room.attribute("name")).map_or_else(|| words("room"), str::to_owned);
    Event {
        guid: node.attribute("guid").or(node.attribute("id")).unwrap_or_default().to_owned(),
        title: words("title"),
        subtitle: words("subtitle"),
        kind: words("type"),
        date: words("date"),
        duration: words("duration"),
        track: words("track"),
        summary: words("abstract"),
        description: words("description"),
        url: words("url"),
        persons: persons.map(|one| Person { name: one.text().unwrap_or_default().to_owned() }).collect(),
        links: links.map(|url| Link { url: url.to_owned() }).collect(),
        room,
        place: format!("line {}", line(node)),
        line: Some(line(node)),
    }
}

fn child<'a, 'd>(node: &Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn line(node: &Node) -> usize {
    node.document().text_pos_at(node.range().start).row as usize
}
